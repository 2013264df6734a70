import { expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { sink } from './logger.ts';
import { untilThere } from './until-there.ts';

const away = () => new AppError('QUEUE_UNAVAILABLE', { reason: 'nothing listens there' });
const SOON = { everyMs: 1 };

it('tries again while a store is away, and says so once', async () => {
  const { log, lines } = sink();
  let tries = 0;
  const open = async () => {
    tries += 1;
    if (tries < 5) throw away();
    return 'open';
  };
  expect(await untilThere(open, log, SOON)).toBe('open');
  expect(lines.map(({ code, msg }) => [code, msg])).toEqual([
    ['QUEUE_UNAVAILABLE', 'The queue cannot be reached: nothing listens there Tried again for a while.'],
  ]);
});

it('gives up with the error of the table when the store stays away', async () => {
  const open = () => Promise.reject(away());
  await expect(untilThere(open, sink().log, { ...SOON, patienceMs: 20 })).rejects.toMatchObject({ exitCode: 6 });
});

it('does not try again what waiting cannot mend', async () => {
  let tries = 0;
  const open = () => {
    tries += 1;
    return Promise.reject(new AppError('DATABASE_VERSION', { found: 'x', wanted: 'y' }));
  };
  await expect(untilThere(open, sink().log, SOON)).rejects.toMatchObject({ code: 'DATABASE_VERSION' });
  expect(tries).toBe(1);
});
