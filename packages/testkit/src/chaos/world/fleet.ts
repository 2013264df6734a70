import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startTcpProxy } from '../../tcp-proxy.ts';
import type { PassedOn } from '../process/orders.ts';
import { type Slot, slotName } from '../schedule.ts';
import { SERVICES, type Service } from '../windows.ts';
import type { Guard } from './guard.ts';
import { ServiceSlot } from './service-slot.ts';

export interface FleetOptions {
  readonly folder: string;
  readonly guard: Guard;
  readonly postgresPort: number;
  readonly redisPort: number;
  readonly databaseUrl: (port: number) => string;
  /** Of every process. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Fleet {
  readonly slots: readonly ServiceSlot[];
  at(slot: Slot): ServiceSlot;
  /** Every message that a process is given reaches two others of its service as well. */
  passMessagesOn(on: boolean): void;
  /** Ends that nobody had planned, such as that of a service that cannot reach its database when it starts. */
  readonly unplannedEnds: readonly string[];
  /** Asks all to stop; those that did not end well. */
  stop(limitMs: number): Promise<string[]>;
}

/** All services, several processes of each; each process has a home, a network and a log of its own. Resolves when all work. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { folder, guard } = options;
  const unplannedEnds: string[] = [];
  const slots: ServiceSlot[] = [];
  for (const service of Object.keys(SERVICES) as Service[])
    for (let index = 0; index < SERVICES[service]; index++) slots.push(await prepare({ service, index }));

  async function prepare(slot: Slot): Promise<ServiceSlot> {
    const home = join(folder, 'homes', slotName(slot));
    mkdirSync(home, { recursive: true });
    const postgres = await startTcpProxy({ host: '127.0.0.1', port: options.postgresPort });
    const redis = await startTcpProxy({ host: '127.0.0.1', port: options.redisPort });
    return new ServiceSlot({
      slot,
      guard,
      proxies: { postgres, redis },
      logPath: join(folder, `${slotName(slot)}.log`),
      env: {
        ...options.env,
        HOME: home,
        ORCHESTRATOR_HOME: home,
        ORCHESTRATOR_HEALTH_ADDRESS: '127.0.0.1:0',
        ORCHESTRATOR_API_ADDRESS: '127.0.0.1:0',
        DATABASE_URL: options.databaseUrl(postgres.port),
        REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      },
      onPassedOn: (from, message) => passOn(from, message),
      onUnplannedEnd: (which, how) => unplannedEnds.push(`${slotName(which)}: ${how}`),
    });
  }

  function passOn(from: ServiceSlot, { queue, message }: PassedOn): void {
    const others = slots.filter((one) => one !== from && one.slot.service === from.slot.service);
    // To two others; where there is only one, twice.
    for (let copy = 0; copy < 2; copy++) others[copy % others.length]?.send({ order: 'deliver', queue, message });
  }

  for (const one of slots) one.start();
  await Promise.all(slots.map((one) => one.opened));
  return {
    slots,
    unplannedEnds,
    at({ service, index }) {
      const found = slots.find((one) => one.slot.service === service && one.slot.index === index);
      if (!found) throw new Error(`there is no ${service} ${index}`);
      return found;
    },
    passMessagesOn(on) {
      for (const one of slots) one.send({ order: 'pass-on', on });
    },
    async stop(limitMs) {
      const ends = await Promise.all(
        slots.map(async (one) => ({ name: slotName(one.slot), how: await one.stop(limitMs) })),
      );
      for (const { proxies } of slots) await Promise.all([proxies.postgres.close(), proxies.redis.close()]);
      return ends.filter(({ how }) => how !== 'exit code 0').map(({ name, how }) => `${name}: ${how}`);
    },
  };
}
