import type { CommandResult } from '@orchestrator/shared/contracts/verdict.ts';
import { observe } from '@orchestrator/shared/telemetry/record.ts';
import { fillEnv, fillPlaces } from './fill-places.ts';
import { plainText } from './findings/plain-text.ts';
import type { RecipeCommand } from './recipe.ts';
import { type StreamParser, startParser } from './reports/stream-parser.ts';
import type { BoxLayout, Mount, SandboxRun, SandboxSession } from './sandbox/sandbox.ts';
import type { RunDirectory } from './workspace/run-directory.ts';

/** Limits of every command: orchestrator.yaml's `validate`. */
export interface CommandLimits {
  readonly timeoutMs: number;
  /** Of all processors together. */
  readonly cpuMs: number;
  readonly memoryMb: number;
  readonly diskMb: number;
  readonly processes: number;
}

export interface CommandSetting {
  readonly session: SandboxSession;
  readonly layout: BoxLayout;
  readonly directory: RunDirectory;
  readonly limits: CommandLimits;
  readonly env: Readonly<Record<string, string>>;
  readonly network: SandboxRun['network'];
  /** Beside the workspace, the cache and the reports. */
  readonly readOnly: readonly Mount[];
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

export interface RanCommand {
  readonly result: CommandResult;
  /** What the command printed about its tests, where the recipe says how to read it. */
  readonly parser: StreamParser | null;
}

const MIB = 1024 * 1024;

/** Runs one command of a recipe in the sandbox. Throws what the signal was aborted with, and SANDBOX_UNAVAILABLE. */
export async function runCommand(command: RecipeCommand, setting: CommandSetting): Promise<RanCommand> {
  const { session, layout, directory, limits, signal } = setting;
  const argv = command.argv.map((text) => fillPlaces(text, layout, limits.memoryMb)) as [string, ...string[]];
  const parser = command.parse === undefined ? null : startParser(command.parse);
  setting.progress(`${command.step}: ${command.argv.join(' ').slice(0, 80)}`);
  const ran = await session.run({
    argv,
    cwd: command.cwd,
    workspaceDir: directory.work,
    homeDir: directory.home,
    writable: [
      { from: directory.cache, to: layout.cache },
      { from: directory.reports, to: layout.reports },
    ],
    readOnly: setting.readOnly,
    env: fillEnv(setting.env, layout, limits.memoryMb),
    network: setting.network,
    timeoutMs: limits.timeoutMs,
    cpuMs: limits.cpuMs,
    memoryBytes: limits.memoryMb * MIB,
    diskBytes: limits.diskMb * MIB,
    processes: limits.processes,
    signal,
    ...(parser === null ? {} : { onOutput: (chunk, stream) => parser.write(chunk, stream) }),
  });
  signal.throwIfAborted();
  const outcome = ran.ended !== 'exit' ? ran.ended : ran.exitCode === 0 ? 'ok' : 'failed';
  observe('orchestrator_validation_command_seconds', { step: command.step, outcome }, ran.durationMs / 1_000);
  return {
    parser,
    result: {
      step: command.step,
      argv: [...command.argv],
      cwd: command.cwd,
      exitCode: ran.exitCode,
      ended: ran.ended,
      durationMs: Math.round(ran.durationMs),
      output: plainText(parser?.visibleText() ?? ran.output, layout),
    },
  };
}

export const succeeded = (result: CommandResult): boolean => result.ended === 'exit' && result.exitCode === 0;
