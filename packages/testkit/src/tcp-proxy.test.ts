import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

let echo: Server;
let proxy: TcpProxy;
beforeAll(async () => {
  echo = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startTcpProxy({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
});
afterAll(async () => {
  await proxy.close();
  echo.close();
});

async function open(): Promise<{ socket: Socket; heard: () => string; closed: () => boolean }> {
  const socket = connect(proxy.port, '127.0.0.1');
  let text = '';
  let closed = false;
  socket.on('data', (data) => {
    text += data;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  await once(socket, 'connect');
  return { socket, heard: () => text, closed: () => closed };
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !condition(); tries++) await delay(10);
  expect(condition()).toBe(true);
}

describe('a connection that is cut', () => {
  it('stays open and passes nothing, and passes it late when the cut ends', async () => {
    const before = await open();
    before.socket.write('one ');
    await until(() => before.heard() === 'one ');

    proxy.cut();
    before.socket.write('two ');
    const during = await open();
    during.socket.write('three');
    await delay(100);
    expect([before.heard(), during.heard(), before.closed()]).toEqual(['one ', '', false]);

    proxy.heal('late');
    await until(() => before.heard() === 'one two ');
    await until(() => during.heard() === 'three');
    before.socket.destroy();
    during.socket.destroy();
  });

  it('may never recover, while a new one works', async () => {
    const before = await open();
    before.socket.write('one ');
    await until(() => before.heard() === 'one ');

    proxy.cut();
    proxy.heal('dead');
    before.socket.write('two ');
    const after = await open();
    after.socket.write('three');
    await until(() => after.heard() === 'three');
    expect([before.heard(), before.closed()]).toEqual(['one ', false]);

    proxy.reset();
    await until(() => before.closed() && after.closed());
  });
});
