import { MASK, maskSecrets } from '../boot/redact.ts';
import { type Environment, environmentVariables } from './environment.ts';
import { configKeys } from './keys.ts';
import type { LoadedConfig } from './load.ts';

/** One effective setting, ready to be shown: no secret is in it. */
export interface Setting {
  readonly key: string;
  /** Plain JSON: amounts as decimal dollars, lengths of time as 3h30m; null: not set. */
  readonly value: unknown;
  /** `default`, `environment`, or the file (and line) that it came from. */
  readonly source: string;
}

/** Every value of the effective orchestrator.yaml, in the order of the schema. */
export function describeConfig({ config, sources }: LoadedConfig): Setting[] {
  return [...sources].map(([key, source]) => ({ key, value: toPlain(key, valueAt(config, key.split('.'))), source }));
}

/** Every environment variable. `source` is what the environment was read from. */
export function describeEnvironment(env: Environment, source: Record<string, string | undefined>): Setting[] {
  return environmentVariables().map(({ name, secret }) => {
    if (env[name] === undefined) return { key: name, value: null, source: 'not set' };
    const value = String(env[name]);
    const from = source[name]?.trim()
      ? 'environment'
      : source[`${name}_FILE`]?.trim()
        ? String(source[`${name}_FILE`]).trim()
        : 'default';
    return { key: name, value: secret ? maskSetting(value) : maskSecrets(value), source: from };
  });
}

/** Of a URL the host stays readable; of a key nothing does. */
function maskSetting(value: string): string {
  if (!URL.canParse(value)) return MASK;
  const url = new URL(value);
  return `${url.protocol}//${url.host}/${MASK}`;
}

/** 12600000 -> 3h30m. */
export function formatDuration(ms: number): string {
  const parts: [number, string][] = [
    [Math.floor(ms / 86_400_000), 'd'],
    [Math.floor(ms / 3_600_000) % 24, 'h'],
    [Math.floor(ms / 60_000) % 60, 'm'],
    [Math.floor(ms / 1000) % 60, 's'],
  ];
  return (
    parts
      .filter(([count]) => count > 0)
      .map(([count, unit]) => `${count}${unit}`)
      .join('') || '0s'
  );
}

/** 500000000n -> 0.50; exact, with at least two digits after the point. */
export function formatDollars(amountNanoUsd: bigint): string {
  const fraction = String(amountNanoUsd % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '')
    .padEnd(2, '0');
  return `${amountNanoUsd / 1_000_000_000n}.${fraction}`;
}

function toPlain(key: string, value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === 'bigint') return formatDollars(value);
  if (typeof value === 'number' && isDuration(key)) return formatDuration(value);
  if (Array.isArray(value)) return value.map((item) => toPlain(`${key}[]`, item));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toPlain(`${key}.${name}`, item)]));
  }
  return value;
}

const isDuration = (key: string): boolean =>
  configKeys().some((known) => known.key === key && known.type === 'length of time');

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], value);
