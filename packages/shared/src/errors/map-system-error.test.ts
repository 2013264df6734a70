import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from './app-error.ts';
import { mapSystemError, networkReason } from './map-system-error.ts';

const caught = async (work: () => unknown): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

describe('mapSystemError', () => {
  it('tells a taken port from the error of a real server', async () => {
    const first = createServer();
    await new Promise<void>((resolve) => first.listen(0, '127.0.0.1', resolve));
    const { port } = first.address() as { port: number };
    const error = await new Promise((resolve) => createServer().on('error', resolve).listen(port, '127.0.0.1'));
    first.close();

    expect(mapSystemError(error, { portOption: '--port' })).toMatchObject({
      code: 'PORT_TAKEN',
      detail: { port, host: '127.0.0.1', option: '--port' },
    });
  });

  it('tells a full disk', async () => {
    const error = await caught(() => writeFileSync('/dev/full', 'x'));

    expect(mapSystemError(error, { path: '/data' })).toMatchObject({
      code: 'DISK_FULL',
      message: 'No space is left on the device of /data.',
    });
  });

  it('tells a path that leads through a file', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'orchestrator-error-')), 'file');
    writeFileSync(file, '');

    expect(mapSystemError(await caught(() => readFileSync(join(file, 'x'))))).toMatchObject({
      code: 'HOME_NOT_WRITABLE',
      detail: { reason: 'a part of the path is a file, not a folder' },
    });
  });

  it('looks through what wrapped the system error', () => {
    const cause = Object.assign(new Error('read-only'), { code: 'EROFS', path: '/home/x' });

    expect(mapSystemError(new Error('outer', { cause: new AggregateError([cause]) }))).toMatchObject({
      code: 'HOME_NOT_WRITABLE',
      detail: { path: '/home/x' },
    });
  });

  it('leaves everything else as it is', () => {
    const own = new AppError('TASK_UNKNOWN', { task: 'x' });
    const other = new Error('plain');

    expect(mapSystemError(own)).toBe(own);
    expect(mapSystemError(other)).toBe(other);
    expect(mapSystemError('text')).toBe('text');
  });
});

describe('networkReason', () => {
  it('says why a real call was not answered', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));

    expect(networkReason(await caught(() => fetch(`http://127.0.0.1:${port}/`)))).toBe('nothing listens there');
    expect(networkReason(new Error('no network'))).toBeUndefined();
  });
});
