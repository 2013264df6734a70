import type { CounterName, HistogramName, LabelsOf } from './metrics.ts';

/**
 * What this process saw, kept until somebody asks for it: the library that writes it down is loaded only then. One
 * register for the process, because things happen in many places.
 */
export interface Measurement {
  readonly name: CounterName | HistogramName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Nobody asked for a long time: of durations the first ones are kept, counters are exact. */
const MAX_EARLY_DURATIONS = 5_000;

const counters = new Map<string, Measurement>();
let durations: Measurement[] = [];
let receive: ((measurement: Measurement) => void) | undefined;

export function count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, value = 1): void {
  const measurement = { name, labels, value };
  const key = JSON.stringify([name, labels]);
  if (receive) receive(measurement);
  else counters.set(key, { ...measurement, value: value + (counters.get(key)?.value ?? 0) });
}

export function observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void {
  const measurement = { name, labels, value };
  if (receive) receive(measurement);
  else if (durations.length < MAX_EARLY_DURATIONS) durations.push(measurement);
}

/** Hands over what was measured so far, and everything from now on. */
export function receiveMeasurements(receiver: (measurement: Measurement) => void): void {
  receive = receiver;
  for (const measurement of [...counters.values(), ...durations]) receiver(measurement);
  counters.clear();
  durations = [];
}
