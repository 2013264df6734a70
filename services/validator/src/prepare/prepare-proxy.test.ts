import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type PrepareProxy, startPrepareProxy } from './prepare-proxy.ts';

let origin: Server;
let asked: string[];
let proxy: PrepareProxy | undefined;
const port = (server: Server) => (server.address() as AddressInfo).port;

beforeEach(async () => {
  asked = [];
  origin = createServer((incoming, response) => {
    asked.push(incoming.url ?? '');
    response.end('from the origin');
  });
  await new Promise<void>((resolve) => origin.listen(0, resolve));
});
afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
  origin.closeAllConnections();
  await new Promise((resolve) => origin.close(resolve));
});

const start = (machineHosts: readonly string[], prepareHosts: readonly string[] = [], parent?: string) =>
  startPrepareProxy({
    rules: { machineHosts: new Set(machineHosts), prepareHosts },
    owner: null,
    parent: parent === undefined ? { http: '', https: '' } : { http: parent, https: parent },
  });

function get(url: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request({ socketPath: proxy?.socketPath ?? '', path: url, headers: { host: new URL(url).host } }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}

function tunnel(authority: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ socketPath: proxy?.socketPath ?? '', method: 'CONNECT', path: authority })
      .on('connect', (response, socket) => {
        socket.destroy();
        resolve(response.statusCode ?? 0);
      })
      .on('response', (response) => resolve(response.statusCode ?? 0))
      .on('error', reject)
      .end();
  });
}

test("what the machine's package managers are set to is reached wherever it lies, and recorded", async () => {
  proxy = await start([`127.0.0.1:${port(origin)}`]);
  expect(await get(`http://127.0.0.1:${port(origin)}/package`)).toEqual({ status: 200, body: 'from the origin' });
  expect(await tunnel(`127.0.0.1:${port(origin)}`)).toBe(200);
  expect(asked).toEqual(['/package']);
  expect(proxy.hosts()).toEqual([`127.0.0.1:${port(origin)}`]);
  expect(proxy.refused()).toEqual([]);
});

test('nothing else of this machine is, by address or by name, and each refusal is recorded', async () => {
  // A name that resolves, on every machine, to the machine itself.
  proxy = await start([], [`${hostname().toLowerCase()}:${port(origin)}`]);
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '0.0.0.0', '127.1', hostname()]) {
    expect([host, (await get(`http://${host}:${port(origin)}/`)).status]).toEqual([host, 403]);
    expect([host, await tunnel(`${host}:${port(origin)}`)]).toEqual([host, 403]);
  }
  expect(asked).toEqual([]);
  expect(proxy.hosts()).toEqual([]);
  expect(proxy.refused().join('\n')).toMatch(/127\.0\.0\.1:\d+: an address instead of a name/);
  expect(proxy.refused().some((line) => line.startsWith(hostname().toLowerCase()))).toBe(true);
});

test("the machine's own proxy is used where it has one, for public names alone", async () => {
  proxy = await start([], [], `http://127.0.0.1:${port(origin)}`);
  expect((await get('http://registry.invalid/package')).body).toBe('from the origin');
  expect(asked).toEqual(['http://registry.invalid/package']);
  expect((await get('http://192.168.0.1/')).status).toBe(403);
  expect((await get('http://metadata.internal/')).status).toBe(403);
  expect(asked).toHaveLength(1);
  expect(proxy.hosts()).toEqual(['registry.invalid:80']);
});
