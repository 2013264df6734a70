import { expect, test } from 'vitest';
import { decide, hostsIn } from './network-rules.ts';

const rules = {
  machineHosts: new Set(['mirror.corp:8081', '127.0.0.1:4873', '10.0.0.7:443']),
  prepareHosts: ['nexus.corp', 'git.corp:22', 'localhost:5432'],
};

test.each([
  ['registry.example.org', 443, 'public'],
  ['Registry.Example.ORG.', 80, 'public'],
  ['registry.example.org', 8443, 'public'],
  ['mirror.corp', 8081, 'any'],
  ['127.0.0.1', 4873, 'any'],
  ['10.0.0.7', 443, 'any'],
  ['nexus.corp', 443, 'off-machine'],
  ['git.corp', 22, 'off-machine'],
])('%s:%i is reached, at %s addresses', (host, port, addresses) => {
  expect(decide(rules, host, port)).toEqual({ allowed: true, addresses });
});

test.each([
  ['127.0.0.1', 4874, /address/],
  ['127.1', 80, /address/],
  ['2130706433', 80, /address/],
  ['[::1]', 443, /address/],
  ['[::ffff:127.0.0.1]', 443, /address/],
  ['192.0.2.1', 443, /address/],
  ['169.254.169.254', 80, /address/],
  ['localhost', 443, /this machine/],
  ['a.localhost', 443, /this machine/],
  ['localhost', 5432, /this machine/],
  ['redis', 6379, /local network/],
  ['metadata.google.internal', 80, /local network/],
  ['printer.local', 80, /local network/],
  ['registry.example.org', 22, /port 22/],
  ['nexus.corp', 25, /port 25/],
  ['a b', 80, /not a host/],
  ['', 80, /not a host/],
])('%s:%i is refused', (host, port, reason) => {
  expect(decide(rules, host, port)).toMatchObject({ allowed: false, reason: expect.stringMatching(reason) });
});

test('what a change asks for comes from where the packages of the base came from, and from nowhere else', () => {
  const own = { ...rules, onlyHosts: new Set(['registry.example.org:443', 'localhost:443', '192.0.2.1:443']) };
  expect(decide(own, 'registry.example.org', 443)).toEqual({ allowed: true, addresses: 'public' });
  expect(decide(own, 'mirror.corp', 8081)).toEqual({ allowed: true, addresses: 'any' });
  expect(decide(own, 'nexus.corp', 443)).toEqual({ allowed: true, addresses: 'off-machine' });
  for (const [host, port] of [
    ['registry.example.org', 80],
    ['other.example.org', 443],
    ['localhost', 443],
    ['192.0.2.1', 443],
  ] as const)
    expect(decide(own, host, port)).toMatchObject({ allowed: false });
});

test('hosts are found in the configuration of any package manager', () => {
  const text = `registry=https://user:secret@npm.corp/api/
//npm.corp/:_authToken=x
<url>http://maven.corp:8081/repo</url>
index-url = "https://pypi.corp/simple"
registry = "sparse+https://crates.corp:444/index/"
GOPROXY=https://go.corp,https://go2.corp|direct
[https://[2001:db8::1]:8443/x]`;
  expect(hostsIn(text)).toEqual([
    'npm.corp:443',
    'maven.corp:8081',
    'pypi.corp:443',
    'crates.corp:444',
    'go.corp:443',
    'go2.corp:443',
    '2001:db8::1:8443',
  ]);
});
