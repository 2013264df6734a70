import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import {
  type DiscordServer,
  type DiscordServerOptions,
  startDiscordServer,
} from '@orchestrator/testkit/discord/server.ts';
import { temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { createDeliveryLoop, type DeliveryLoopOptions } from '../src/deliveries.ts';

/** A database for a file of tests; a Discord and a home for each of them, and delivery loops that end with it. */
export function discordScenes() {
  let database: TestDatabase;
  let discord: DiscordServer;
  let home: ReturnType<typeof temporaryFolder>;
  let running: ReturnType<typeof createDeliveryLoop>[] = [];
  let lines: readonly object[] = [];

  async function stopAll(): Promise<void> {
    await Promise.all(running.map((loop) => loop.stop()));
    running = [];
  }

  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.database.$executeRaw`TRUNCATE delivery, event, setting, repository CASCADE`;
    discord = await startDiscordServer();
    home = temporaryFolder();
  });
  afterEach(async () => {
    await stopAll();
    await discord.close();
    home.remove();
  });

  const deliveries = () => database.database.delivery.findMany({ orderBy: { eventId: 'asc' } });
  return {
    get db() {
      return database.database;
    },
    get discord() {
      return discord;
    },
    get home() {
      return home.path;
    },
    /** What the loop that was started last has logged. */
    get lines() {
      return lines;
    },
    /** Another Discord, at another address; the one of before has ended. */
    async replaceDiscord(options: DiscordServerOptions = {}): Promise<void> {
      await discord.close();
      discord = await startDiscordServer(options);
    },
    /** `notify` of the operator's own file, as YAML. */
    configure(notify: string): void {
      mkdirSync(home.path, { recursive: true });
      writeFileSync(join(home.path, 'orchestrator.yaml'), `notify:\n${notify}`);
    },
    async start(options: Partial<DeliveryLoopOptions> = {}, webhookUrl: string = discord.webhookUrl) {
      const env = readEnvironment({ DISCORD_WEBHOOK_URL: webhookUrl, ORCHESTRATOR_HOME: home.path }, '/');
      const logged = sink();
      lines = logged.lines;
      const loop = createDeliveryLoop({
        db: database.database,
        env,
        log: logged.log,
        pollMs: 20,
        gatherMs: 0,
        backoffMs: () => 30,
        ...options,
      });
      await loop.start();
      running.push(loop);
      return loop;
    },
    stopAll,
    deliveries,
    /** So many deliveries have ended. */
    async settled(number: number): Promise<void> {
      while ((await deliveries()).filter(({ state }) => state !== 'pending').length !== number) await delay(10);
    },
  };
}
