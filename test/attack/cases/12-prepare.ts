import { CheckRun } from '../../../packages/shared/src/contracts/verdict.ts';
import type { AttackCase } from '../attack-case.ts';
import type { Canaries } from '../canaries.ts';

/** Runs while the box has its proxy, as the build file of a dependency may. */
const PREPARE = ({ tcpPort, udpPort, registryPort, addresses, secretPaths, socketPath, abstractName }: Canaries) => `
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
const proxy = { host: '127.0.0.1', port: 3128 };
const get = (url) => new Promise((resolve) => request({ ...proxy, path: url, headers: { host: new URL(url).host } }, (response) => resolve(response.resume().statusCode)).on('error', () => resolve(0)).end());
const tunnel = (authority) => new Promise((resolve) => request({ ...proxy, method: 'CONNECT', path: authority }).on('connect', (response, socket) => { socket.destroy(); resolve(response.statusCode); }).on('response', (response) => resolve(response.statusCode)).on('error', () => resolve(0)).end());
const direct = (options) => new Promise((resolve) => { const socket = connect(options, () => resolve('connected')); socket.on('error', () => resolve(0)); setTimeout(() => resolve(0), 800); });
const good = (status) => status >= 200 && status < 400;
const targets = [...${JSON.stringify(addresses)}.map((host) => host.includes(':') ? '[' + host + ']' : host), 'localhost', '0.0.0.0', '127.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '127.0.0.1.'];
for (const host of targets) {
  if (good(await get('http://' + host + ':${tcpPort}/'))) console.log('ESCAPED: http to ' + host);
  if (good(await tunnel(host + ':${tcpPort}'))) console.log('ESCAPED: tunnel to ' + host);
}
for (const host of ['169.254.169.254', '10.0.0.1', '192.168.0.1', '172.16.0.1', '100.64.0.1', '[fd00::1]', '[fe80::1]', '192.0.2.1', 'metadata.google.internal', 'redis', 'postgres'])
  for (const port of [80, 443, 6379]) if (good(await tunnel(host + ':' + port))) console.log('ESCAPED: tunnel to ' + host + ':' + port);
for (const port of [22, 25, 53]) if (good(await tunnel('mail.example.com:' + port))) console.log('ESCAPED: port ' + port);
for (const host of ${JSON.stringify(addresses)}) if (await direct({ host, port: ${tcpPort} })) console.log('ESCAPED: past the proxy to ' + host);
for (const path of ['${socketPath}', '\\0${abstractName}']) if (await direct({ path })) console.log('ESCAPED: socket ' + path);
for (const host of ['127.0.0.1', '192.0.2.53']) await new Promise((done) => { const socket = createSocket('udp4').on('error', done); socket.send('x', ${udpPort}, host, () => socket.close(done)); });
await lookup('example.com').then(() => console.log('ESCAPED: resolves names itself'), () => {});
// The machine's own registry may be reached, and sends us to places that may not.
const status = await get('http://127.0.0.1:${registryPort}/127.0.0.1:${tcpPort}');
console.log('registry ' + status);
for (const header of ['Host', 'X-Forwarded-Host']) await new Promise((done) => request({ ...proxy, path: 'http://127.0.0.1:${registryPort}/x', headers: { [header]: '127.0.0.1:${tcpPort}' } }, (response) => done(response.resume())).on('error', done).end());
for (const path of ${JSON.stringify(secretPaths)}) if (existsSync(path)) console.log('ESCAPED: sees ' + path);
for (const name of Object.keys(process.env)) if (/API_KEY|TOKEN|PASSWORD/.test(name)) console.log('ESCAPED: sees ' + name);
console.log('tried all');
`;

export default [
  {
    row: 12,
    name: 'code of the prepare step, which has a proxy',
    base: (canaries) => ({ 'prepare.mjs': PREPARE(canaries), 'used.txt': 'prepare\n' }),
    config: { validate: { prepare: ['node prepare.mjs'] } },
    async run({ harness, record }) {
      const run = CheckRun.parse(await harness.context.artifact('baseline'));
      record(JSON.stringify(run));
      const output = run.commands.find(({ step }) => step === 'prepare')?.output ?? '';
      const { hosts = [], refused = [] } = run.network ?? {};
      return [
        ...output.split('\n').filter((line) => line.startsWith('ESCAPED')),
        ...(output.includes('tried all') ? [] : [`it did not run to its end: ${output.slice(-500)}`]),
        ...(output.includes('registry 302') ? [] : ["the machine's own registry is not reached, so nothing is proved"]),
        ...(hosts.length === 1 && /^127\.0\.0\.1:\d+$/.test(hosts[0] ?? '')
          ? []
          : [`recorded as reached: ${hosts.join()}`]),
        ...(refused.length > 20 ? [] : [`${refused.length} refusals are recorded`]),
      ];
    },
  },
] satisfies AttackCase[];
