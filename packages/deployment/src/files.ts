import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../../..');

export const pathOf = (name: string): string => join(ROOT, name);
export const textOf = (name: string): string => readFileSync(pathOf(name), 'utf8');
/** A YAML or JSON file of the project. */
export const dataOf = <T>(name: string): T => parse(textOf(name), { merge: true }) as T;
