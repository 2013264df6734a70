import { createHash } from 'node:crypto';

const MAX_ID_CHARACTERS = 100;

/** Why `id` cannot name a task, a branch and a file; undefined: it can. */
export function whyNotAnId(id: string): string | undefined {
  const wrong = /[^A-Za-z0-9._-]/u.exec(id);
  if (wrong) return `it holds ${JSON.stringify(wrong[0])}`;
  if (!/^[A-Za-z0-9]/.test(id)) return `it begins with "${id[0]}"`;
  if (id.length > MAX_ID_CHARACTERS) return `it is longer than ${MAX_ID_CHARACTERS} characters`;
  // Rules of git for the name of a branch.
  if (id.includes('..')) return 'it holds ".."';
  if (id.endsWith('.') || id.endsWith('.lock')) return `it ends with "${id.endsWith('.') ? '.' : '.lock'}"`;
  return undefined;
}

/** An id that a person could give to a task of this title. */
export function suggestId(title: string): string {
  const words = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 40)
    .replace(/^_+|_+$/g, '');
  return words || 'task_001';
}

/** The id of an unmarked entry of a plain list: it stays while the text stays, wherever the entry is moved. */
export function idFromText(text: string): string {
  const words = text.replace(/\s+/g, ' ').trim();
  return `${suggestId(words).slice(0, 32).replace(/_+$/, '')}-${createHash('sha256').update(words).digest('hex').slice(0, 8)}`;
}
