import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { z } from 'zod';
import { bubblewrapSandbox } from './bubblewrap.ts';
import { landlockSandbox } from './landlock.ts';
import type { Sandbox, SandboxSession } from './sandbox.ts';
import { seatbeltSandbox } from './seatbelt.ts';

export interface SandboxStatus {
  readonly available: boolean;
  /** Why not; '' where it is available. */
  readonly reason: string;
  /** What to do about it; '' where it is available. */
  readonly fix: string;
  /** What was tried in the real profile, and whether the sandbox held. Empty where it could not be made at all. */
  readonly probes: Readonly<Record<string, boolean>>;
}

const MAX_AGE_MS = 5 * 60_000;
const PROBE_TIMEOUT_MS = 20_000;
const MIB = 1024 * 1024;

/** 1: bubblewrap. 2: Landlock, where `sandbox.minTier` lets it stand in. */
export type Tier = 1 | 2;

const kept = new Map<Tier, { readonly at: number; readonly status: Promise<SandboxStatus> }>();

/** What stands in for bubblewrap where that is not to be had, and the configuration lets it. */
export const secondTier = (probes: Readonly<Record<string, boolean>> = {}): Sandbox =>
  process.platform === 'darwin'
    ? seatbeltSandbox({ tier: 'seatbelt', probes: { ...probes } })
    : landlockSandbox({ tier: 'landlock', probes: { ...probes } });

/** Tries the sandbox out, in the profile that runs use. The answer is kept for some minutes; it never throws. */
export function sandboxStatus({
  maxAgeMs = MAX_AGE_MS,
  tier = 1,
}: {
  readonly maxAgeMs?: number;
  readonly tier?: Tier;
} = {}): Promise<SandboxStatus> {
  const last = kept.get(tier);
  if (last !== undefined && performance.now() - last.at <= maxAgeMs) return last.status;
  const status = probeSandbox(tier === 1 ? bubblewrapSandbox() : secondTier());
  kept.set(tier, { at: performance.now(), status });
  return status;
}

/** One probe, not kept. */
export async function probeSandbox(sandbox: Sandbox = bubblewrapSandbox()): Promise<SandboxStatus> {
  if (process.platform !== 'linux' && sandbox.info.tier !== 'seatbelt')
    return {
      available: false,
      reason: `the sandbox needs Linux, this is ${process.platform}`,
      fix:
        process.platform === 'darwin'
          ? 'Run the validator in the shipped container, or let sandbox-exec stand in by sandbox.minTier: 2; see docs/security.md.'
          : 'Run the validator on Linux or in the shipped container.',
      probes: {},
    };
  try {
    const session = await sandbox.open();
    try {
      const probes = await tryOut(sandbox, session);
      const broken = Object.keys(probes).filter((name) => !probes[name]);
      return broken.length === 0
        ? { available: true, reason: '', fix: '', probes }
        : {
            available: false,
            reason: `the sandbox does not hold: ${broken.join(', ')}`,
            fix: 'Run: orchestrator doctor',
            probes,
          };
    } finally {
      await session.release();
    }
  } catch (error) {
    if (error instanceof AppError)
      return {
        available: false,
        reason: String(error.detail.reason ?? error.message),
        fix: String(error.detail.fix ?? error.next),
        probes: {},
      };
    return { available: false, reason: (error as Error).message, fix: 'Run: orchestrator doctor', probes: {} };
  }
}

const ProbeReport = z.record(z.string(), z.boolean());

async function tryOut(sandbox: Sandbox, session: SandboxSession): Promise<Record<string, boolean>> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-probe-'));
  // A user of its own has to get through.
  await chmod(folder, 0o711);
  const marker = `probe-${randomUUID()}`;
  const listeners = await listen(marker);
  try {
    const workspaceDir = join(folder, 'work');
    const secretPath = join(folder, 'secret');
    await mkdir(workspaceDir);
    await writeFile(secretPath, marker, { mode: 0o600 });
    if (session.owner !== null) await chown(workspaceDir, session.owner.uid, session.owner.gid);
    const { kit } = sandbox.layout({ work: workspaceDir, cache: folder, reports: folder, home: folder });
    const question = JSON.stringify({
      secretPath,
      marker,
      tcpPort: listeners.tcpPort,
      udpPort: listeners.udpPort,
      abstractName: marker,
    });
    const ran = await session.run({
      argv: ['sh', '-c', `touch owned && exec node ${kit}/probe.mjs "$1"`, 'probe', question],
      cwd: '',
      workspaceDir,
      env: {},
      network: 'none',
      timeoutMs: PROBE_TIMEOUT_MS,
      memoryBytes: 512 * MIB,
      diskBytes: 64 * MIB,
      processes: 64,
      signal: new AbortController().signal,
    });
    const json = /\{.*\}/s.exec(ran.output)?.[0];
    if (ran.exitCode !== 0 || json === undefined)
      throw new Error(`the probe ended with ${ran.ended} ${ran.exitCode}: ${ran.output.trim().slice(-300)}`);
    return {
      ...ProbeReport.parse(JSON.parse(json)),
      notRootOutside: (await stat(join(workspaceDir, 'owned'))).uid !== 0,
      nothingHeard: listeners.heard() === 0,
      nothingSurvives: !(await anyProcessNamed(marker)),
    };
  } finally {
    await listeners.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the command must not reach: servers on this machine's own loopback and an abstract socket. */
async function listen(abstractName: string) {
  let heard = 0;
  const tcp = createServer(() => heard++);
  const abstract = createServer(() => heard++);
  const udp = createSocket('udp4').on('message', () => heard++);
  await Promise.all([
    new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve)),
    // Only Linux has sockets by names that are no files.
    process.platform === 'linux' && new Promise<void>((resolve) => abstract.listen(`\0${abstractName}`, resolve)),
    new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve)),
  ]);
  return {
    tcpPort: (tcp.address() as AddressInfo).port,
    udpPort: udp.address().port,
    heard: () => heard,
    close: async () => {
      await Promise.all([
        new Promise((resolve) => tcp.close(resolve)),
        abstract.listening && new Promise((resolve) => abstract.close(resolve)),
        new Promise<void>((resolve) => udp.close(resolve)),
      ]);
    },
  };
}

/** Whether a process of this machine carries the text on its command line. */
export async function anyProcessNamed(text: string): Promise<boolean> {
  if (process.platform === 'darwin')
    return execFileSync('/bin/ps', ['-axwwo', 'command='], { encoding: 'utf8', env: {} }).includes(text);
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(text)) return true;
  }
  return false;
}
