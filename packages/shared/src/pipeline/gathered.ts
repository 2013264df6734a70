import type { Database } from '../db/client.ts';

/**
 * Calls of one statement that come while an earlier one is on its way go together, as the next one: one round trip and
 * one commit for all of them. The first goes at once, so that nobody waits for company.
 */
export interface GatheredOptions<Item, Result> {
  /** One result an item, in their order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Items of the same key never go together. */
  readonly key: (item: Item) => string;
  readonly mostAtOnce?: number;
  /** Those who come after it do not wait longer than this for one that is held up. */
  readonly patienceMs?: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** The call for one item. Where several fail together by the server's word, each is tried alone: it may concern only one. */
export function gathered<Item, Result>(options: GatheredOptions<Item, Result>): (item: Item) => Promise<Result> {
  const { run, key, mostAtOnce = 64, patienceMs = 250 } = options;
  let waiting: Waiting<Item, Result>[] = [];
  let onItsWay = 0;

  function next(): void {
    if (waiting.length === 0) return;
    const group = new Map<string, Waiting<Item, Result>>();
    const left: Waiting<Item, Result>[] = [];
    for (const one of waiting) {
      if (group.size < mostAtOnce && !group.has(key(one.item))) group.set(key(one.item), one);
      else left.push(one);
    }
    waiting = left;
    let counted = true;
    const done = () => {
      if (!counted) return;
      counted = false;
      onItsWay -= 1;
      if (onItsWay === 0) next();
    };
    onItsWay += 1;
    const impatient = setTimeout(done, patienceMs);
    settle([...group.values()]).finally(() => {
      clearTimeout(impatient);
      done();
    });
  }

  async function settle(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await run(group.map((one) => one.item));
      for (const [at, one] of group.entries()) one.resolve(results[at] as Result);
    } catch (error) {
      if (group.length > 1 && isServersWord(error)) await Promise.all(group.map((one) => settle([one])));
      else for (const one of group) one.reject(error);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (onItsWay === 0) next();
    });
}

/** The same with calls of one database, as many as there are in the process: each has its own. */
export function gatheredByDatabase<Item, Result>(
  run: (db: Database, items: readonly Item[]) => Promise<readonly Result[]>,
  key: (item: Item) => string,
): (db: Database, item: Item) => Promise<Result> {
  const calls = new WeakMap<Database, (item: Item) => Promise<Result>>();
  return (db, item) => {
    const call = calls.get(db) ?? gathered({ run: (items) => run(db, items), key });
    calls.set(db, call);
    return call(item);
  };
}

/** An error with an SQLSTATE: the statement was understood, and nothing of it was done. */
const isServersWord = (error: unknown): boolean =>
  error instanceof Error && /^[0-9A-Z]{5}$/.test(String((error as { code?: unknown }).code));
