import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { gathered } from './gathered.ts';

/** A call whose groups are written down, each of which ends when the test says so. */
function recorded(options: { mostAtOnce?: number; patienceMs?: number; fail?: (items: string[]) => unknown } = {}) {
  const groups: string[][] = [];
  const ends: (() => void)[] = [];
  const call = gathered<string, string>({
    ...options,
    key: (item) => item,
    async run(items) {
      groups.push([...items]);
      await new Promise<void>((resolve) => ends.push(resolve));
      const error = options.fail?.([...items]);
      if (error) throw error;
      return items.map((item) => `${item}!`);
    },
  });
  const endNext = async () => {
    while (ends.length === 0) await sleep(1);
    ends.shift()?.();
    await sleep(1);
  };
  return { call, groups, endNext };
}

const sqlError = Object.assign(new Error('no'), { code: '23505' });

describe('calls of one statement', () => {
  it('go at once when none is on its way, and otherwise together as the next', async () => {
    const { call, groups, endNext } = recorded();
    const answers = ['a', 'b', 'c'].map(call);
    expect(groups).toEqual([['a']]);
    await endNext();
    expect(groups).toEqual([['a'], ['b', 'c']]);
    await endNext();
    expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!']);
  });

  it('are not more than so many, and not of the same key', async () => {
    const { call, groups, endNext } = recorded({ mostAtOnce: 2 });
    const answers = ['a', 'b', 'b', 'c', 'd'].map(call);
    for (let group = 0; group < 3; group++) await endNext();
    await Promise.all(answers);
    expect(groups).toEqual([['a'], ['b', 'c'], ['b', 'd']]);
  });

  it('are tried one by one where the server refuses them together', async () => {
    const { call, groups, endNext } = recorded({ fail: (items) => items.includes('bad') && sqlError });
    const answers = Promise.allSettled(['a', 'bad', 'good'].map(call));
    for (let group = 0; group < 4; group++) await endNext();
    expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(groups).toEqual([['a'], ['bad', 'good'], ['bad'], ['good']]);
  });

  it('all fail with a connection that broke, since nobody knows what was done', async () => {
    const { call, groups, endNext } = recorded({ fail: (items) => items.length > 1 && new Error('Connection ended') });
    const answers = Promise.allSettled(['a', 'b', 'c'].map(call));
    await endNext();
    await endNext();
    expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(groups).toHaveLength(2);
  });

  it('do not wait for ever for one that is held up', async () => {
    const { call, groups, endNext } = recorded({ patienceMs: 20 });
    const held = call('a');
    const other = call('b');
    while (groups.length < 2) await sleep(5);
    await endNext();
    await endNext();
    expect(await Promise.all([held, other])).toEqual(['a!', 'b!']);
  });
});
