import type { BoxLayout } from './sandbox/sandbox.ts';

/** Replaces {work}, {cache}, {reports}, {kit}, {home} and {memoryMb}; other braces stay. */
export function fillPlaces(text: string, layout: BoxLayout, memoryMb: number): string {
  return text.replace(/\{(work|cache|reports|kit|home|memoryMb)\}/g, (_whole, name: keyof BoxLayout | 'memoryMb') =>
    name === 'memoryMb' ? String(memoryMb) : layout[name],
  );
}

export function fillEnv(
  env: Readonly<Record<string, string>>,
  layout: BoxLayout,
  memoryMb: number,
): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fillPlaces(value, layout, memoryMb)]));
}
