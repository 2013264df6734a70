import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { coalesced } from './coalesced.ts';

/** Work that ends when it is told to, and notes what it saw when it began. */
function scripted() {
  const world = { value: 0, saw: [] as number[], atOnce: 0, most: 0 };
  const ends: ((error?: Error) => void)[] = [];
  const ask = coalesced(async () => {
    world.saw.push(world.value);
    world.atOnce += 1;
    world.most = Math.max(world.most, world.atOnce);
    await new Promise<void>((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve())));
    world.atOnce -= 1;
  });
  const end = async (error?: Error) => {
    ends.shift()?.(error);
    for (let i = 0; i < 5; i += 1) await turn();
  };
  return { world, ask, end };
}

it('serves all who ask meanwhile by one that begins after they asked', async () => {
  const { world, ask, end } = scripted();
  world.value = 1;
  const first = ask();
  world.value = 2;
  const second = ask();
  world.value = 3;
  const third = ask();
  await end();
  await first;
  await end();
  await Promise.all([second, third]);
  expect(world.saw).toEqual([1, 3]);
  expect(world.most).toBe(1);
});

it('never runs two at once, whenever somebody asks', async () => {
  const { world, ask, end } = scripted();
  const asked = [ask(), ask()];
  // In the moment between the end of one and the start of the next.
  asked[0]?.then(() => asked.push(ask()));
  for (let i = 0; i < 4; i += 1) await end();
  await Promise.all(asked);
  expect(world.most).toBe(1);
});

it('tells those whose work failed, and goes on for the others', async () => {
  const { ask, end } = scripted();
  const first = ask();
  const second = ask();
  const failed = expect(first).rejects.toThrow('broken');
  await end(new Error('broken'));
  await failed;
  await end();
  await expect(second).resolves.toBeUndefined();
});
