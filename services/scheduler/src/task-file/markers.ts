import { nearestOf } from '@orchestrator/shared/config/problem.ts';
import { Usd } from '@orchestrator/shared/config/values.ts';
import { closest, distance } from 'fastest-levenshtein';
import { type ParsedTask, PRIORITIES } from './parsed-task.ts';
import { type Finding, finding, type Place } from './problem.ts';

export const MARKERS = [
  'TASK_ID',
  'TASK_PRIORITY',
  'TASK_MODULE',
  'TASK_LANGUAGE',
  'TASK_DEPENDS_ON',
  'TASK_BUDGET_USD',
  'TASK_STATUS',
  'TASK_RESULT',
] as const;
export type MarkerName = (typeof MARKERS)[number];

/** A comment that is meant as a marker, with its place in the file. */
export interface Marker extends Place {
  readonly text: string;
}

export interface MarkerValues extends Partial<Pick<ParsedTask, 'priority' | 'module' | 'language'>> {
  readonly id?: string;
  readonly idPlace?: Place;
  readonly dependsOn: readonly string[];
  readonly dependsOnPlace?: Place;
  readonly budgetNanoUsd?: bigint;
  readonly status?: 'ready' | 'blocked';
}

const STATUSES = ['ready', 'blocked'] as const;
const MAX_BUDGET_NANO_USD = 1_000_000_000_000_000n;

export const isMarker = (comment: string): boolean => /^\s*TASK_/i.test(comment);

/** `TASK_PRIORITY: high` -> TASK_PRIORITY, as far as it can be told. */
export const markerName = (text: string): string => /^\s*([A-Za-z_]+)/.exec(text)?.[1] ?? text.trim();

/** What the markers of one task say, and every one that says nothing usable. */
export function readMarkers(markers: readonly Marker[]): { values: MarkerValues; findings: Finding[] } {
  const findings: Finding[] = [];
  const seen = new Map<MarkerName, { value: string; place: Place }>();
  const dependsOn = new Set<string>();
  for (const marker of markers) {
    const read = splitMarker(marker);
    if ('code' in read) {
      findings.push(read);
      continue;
    }
    const { name, value } = read;
    const earlier = seen.get(name);
    if (name === 'TASK_DEPENDS_ON') for (const id of value.split(/[\s,]+/).filter(Boolean)) dependsOn.add(id);
    else if (earlier && earlier.value !== value && name !== 'TASK_RESULT') {
      findings.push(finding('MARKER_REPEATED', marker, { name, first: earlier.value, second: value }));
    }
    if (!earlier) seen.set(name, { value, place: marker });
  }
  const values: Record<string, unknown> = { dependsOn: [...dependsOn] };
  for (const [name, { value, place }] of seen) {
    const problem = READERS[name](value, place, values);
    if (problem) findings.push(problem);
  }
  return { values: values as unknown as MarkerValues, findings };
}

function splitMarker({ text, ...place }: Marker): { name: MarkerName; value: string } | Finding {
  const match = /^\s*([A-Za-z_]+)\s*(:?)([\s\S]*)$/.exec(text);
  const given = match?.[1] ?? '';
  const name = MARKERS.find((known) => known === given);
  if (!name) {
    const near = nearestOf(given.toUpperCase(), MARKERS);
    const advice = near ? `Did you mean ${near}?` : `Markers are ${MARKERS.join(', ')}.`;
    return finding('MARKER_UNKNOWN', place, { name: given.slice(0, 60), advice });
  }
  const value = match?.[3]?.trim() ?? '';
  const marker = text.trim().replace(/\s+/g, ' ').slice(0, 80);
  if (match?.[2] !== ':')
    return finding('MARKER_MALFORMED', place, { marker, name, reason: `":" is missing after ${name}` });
  if (value === '') return finding('MARKER_MALFORMED', place, { marker, name, reason: 'it has no value' });
  if (value.includes('\n'))
    return finding('MARKER_MALFORMED', place, { marker, name, reason: 'its value is more than one line' });
  return { name, value };
}

type Reader = (value: string, place: Place, into: Record<string, unknown>) => Finding | undefined;

const READERS: Readonly<Record<MarkerName, Reader>> = {
  TASK_ID(value, place, into) {
    into.id = value;
    into.idPlace = place;
    return undefined;
  },
  TASK_PRIORITY(value, place, into) {
    into.priority = PRIORITIES.find((known) => known === value.toLowerCase());
    return into.priority ? undefined : finding('PRIORITY_UNKNOWN', place, { value, advice: choose(value, PRIORITIES) });
  },
  TASK_STATUS(value, place, into) {
    into.status = STATUSES.find((known) => known === value.toLowerCase());
    return into.status ? undefined : finding('STATUS_UNKNOWN', place, { value, advice: choose(value, STATUSES) });
  },
  // Ours to write, and for people to read.
  TASK_RESULT: () => undefined,
  TASK_MODULE(value, place, into) {
    into.module = value;
    return /^(?:[/\\~]|[A-Za-z]:)|(?:^|[/\\])\.\.(?:[/\\]|$)/.test(value)
      ? finding('PATH_OUTSIDE', place, { path: value })
      : undefined;
  },
  TASK_LANGUAGE(value, _place, into) {
    into.language = value;
    return undefined;
  },
  TASK_DEPENDS_ON(_value, place, into) {
    into.dependsOnPlace = place;
    return undefined;
  },
  TASK_BUDGET_USD(value, place, into) {
    const amount = Usd.safeParse(value.replace(/^\$\s*/, ''));
    const reason = !amount.success
      ? 'it is not an amount in dollars'
      : amount.data === 0n
        ? 'nothing could be paid with it'
        : amount.data > MAX_BUDGET_NANO_USD
          ? 'it is more than a million dollars'
          : undefined;
    if (reason) return finding('BUDGET_INVALID', place, { value, reason });
    into.budgetNanoUsd = amount.data;
    return undefined;
  },
};

function choose(value: string, from: readonly string[]): string {
  const near = closest(value.toLowerCase(), from);
  // Of a few short words, half of the letters are enough to tell which was meant.
  const isNear = distance(value.toLowerCase(), near) <= value.length / 2;
  return isNear ? `Did you mean ${near}?` : `Write one of ${from.join(', ')}.`;
}
