import { join } from 'node:path';
import { type Logger, pino, stdSerializers } from 'pino';
import type { Environment } from '../config/environment.ts';
import { AppError, describeError } from '../errors/app-error.ts';
import { openLogFile } from './log-file.ts';
import { type LogLine, toLogLine } from './log-line.ts';
import { prettyLines } from './pretty-line.ts';

export type LogLevel = Environment['ORCHESTRATOR_LOG_LEVEL'];

/** Where lines are shown, besides the file. */
export interface LogScreen {
  readonly write: (text: string) => void;
  /** For people: short lines, coloured if `color`. Otherwise JSON. */
  readonly pretty: boolean;
  readonly color: boolean;
  /** Default: ORCHESTRATOR_LOG_LEVEL. */
  readonly level?: LogLevel;
}

export interface LoggerOptions {
  readonly env: Pick<Environment, 'ORCHESTRATOR_HOME' | 'ORCHESTRATOR_LOG_LEVEL'>;
  /** Which part of the system speaks: scheduler, cli, ... */
  readonly service: string;
  /** null: the file only. Default: standard output. */
  readonly screen?: LogScreen | null;
  /** false: no file (a read-only command, a test). Default true. */
  readonly file?: boolean;
}

export interface OpenLogger {
  readonly log: Logger;
  /** Closes the file. Lines are written at once, so there is nothing to flush. */
  close(): void;
}

/**
 * A pino logger: JSON or pretty on the screen, JSON in ORCHESTRATOR_HOME/logs/orchestrator_YYYYMMDD.log. No line leaves
 * with a secret in it. Children bind run, stage and task; a line about money or a result adds tokens, costNanoUsd and
 * outcome; a failure goes under `err`.
 */
export function openLogger({ env, service, screen = standardOutput(), file = true }: LoggerOptions): OpenLogger {
  const level = env.ORCHESTRATOR_LOG_LEVEL;
  const show = screen === null ? undefined : screenWriter(screen, screen.level ?? level);
  const logFile = file
    ? openLogFile({
        dir: join(env.ORCHESTRATOR_HOME, 'logs'),
        onError: (error) =>
          show?.({
            time: new Date().toISOString(),
            level: 'warn',
            service,
            msg: `the log file cannot be written (${error.code}); the screen shows what is logged`,
          } as LogLine),
      })
    : undefined;
  const write = (json: string): void => {
    const line = toLogLine(json);
    if (rank(line.level) >= rank(level)) logFile?.write(`${JSON.stringify(line)}\n`);
    show?.(line);
  };
  const least = screen?.level !== undefined && rank(screen.level) < rank(level) ? screen.level : level;
  return { log: pinoTo(write, least, service), close: () => logFile?.close() };
}

/** A logger whose lines are collected, for tests. */
export function sink(): { readonly log: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  return { log: pinoTo((json) => lines.push(toLogLine(json)), 'trace', 'test'), lines };
}

function pinoTo(write: (json: string) => void, level: LogLevel, service: string): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError, error: serializeError },
    },
    { write },
  );
}

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  // Where an AppError was thrown says little; what caused it says a lot.
  const origin = error instanceof AppError ? error.cause : error;
  return { ...describeError(error), ...(origin instanceof Error ? { stack: stdSerializers.err(origin).stack } : {}) };
}

/** From the least to the gravest. */
export const LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
export const rank = (level: string): number => LEVELS.indexOf(level);

function screenWriter({ write, pretty, color }: LogScreen, level: LogLevel): (line: LogLine) => void {
  const format = pretty ? prettyLines({ color }) : undefined;
  return (line) => {
    if (rank(line.level) < rank(level)) return;
    write(format ? format(line) : `${JSON.stringify(line)}\n`);
  };
}

function standardOutput(): LogScreen {
  const { stdout } = process;
  return { write: (text) => stdout.write(text), pretty: stdout.isTTY === true, color: stdout.hasColors?.() ?? false };
}
