import type { Logger } from 'pino';
import { sample } from '../telemetry/metrics.ts';
import { createMetricsPage, type Sampler } from '../telemetry/registry.ts';
import type { Vitals } from './health.ts';
import { type Check, createReadiness } from './readiness.ts';
import type { Component } from './resources.ts';
import { VERSION } from './version.ts';

export interface VitalsOptions {
  readonly service: string;
  readonly log: Logger;
  /** The parts of the service, once they are known. */
  readonly components: () => readonly Component[];
  /** Of the process, beside those of its parts. */
  readonly checks: Readonly<Record<string, Check>>;
  readonly draining: () => boolean;
}

/** Gathers from every part how it does. */
export function createVitals({ service, log, components, checks, draining }: VitalsOptions): Vitals {
  let ready: ReturnType<typeof createReadiness> | undefined;
  const stuck = (): string[] =>
    components().flatMap((component) => {
      const reason = component.stuck?.() ?? null;
      return reason === null ? [] : [`${component.name}: ${reason}`];
    });

  async function readiness(): Promise<Readonly<Record<string, string | null>>> {
    const parts = components();
    if (parts.length === 0) return { started: 'it is starting' };
    ready ??= createReadiness(Object.assign({ ...checks }, ...parts.map((part) => part.checks ?? {})));
    // Not remembered: whoever sends work must know at once.
    return { draining: draining() ? 'it is stopping' : null, ...(await ready()) };
  }

  const own: Sampler = async () => [
    sample('orchestrator_info', { service, version: VERSION }, 1),
    sample('orchestrator_live', {}, stuck().length === 0 ? 1 : 0),
    sample('orchestrator_draining', {}, draining() ? 1 : 0),
    ...Object.entries(await readiness()).map(([check, reason]) =>
      sample('orchestrator_ready', { check }, reason === null ? 1 : 0),
    ),
  ];
  const ofParts: Sampler = async () => (await Promise.all(components().map((part) => part.samples?.() ?? []))).flat();
  return {
    stuck,
    ready: readiness,
    metrics: createMetricsPage([own, ofParts], (error) => log.warn({ err: error }, 'some metrics cannot be read')),
  };
}
