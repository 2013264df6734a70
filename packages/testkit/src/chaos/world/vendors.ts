import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Guard } from './guard.ts';
import type { VendorRecords } from './vendor-records.ts';

export interface Vendors {
  readonly anthropicUrl: string;
  readonly openaiUrl: string;
  readonly webhookUrl: string;
  readonly githubUrl: string;
  readonly records: () => Promise<VendorRecords>;
  readonly stop: () => Promise<void>;
}

/** `gitDirectory`: the bare repository that the platform shows, to who has the token. */
export async function startVendors(guard: Guard, gitDirectory: string, githubToken: string): Promise<Vendors> {
  const child = fork(join(import.meta.dirname, 'vendor-process.ts'), [gitDirectory, githubToken], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  guard.watch(child);
  const [urls] = (await once(child, 'message')) as [Omit<Vendors, 'records' | 'stop'>];
  return {
    ...urls,
    async records() {
      child.send('records');
      const [records] = (await once(child, 'message')) as [VendorRecords];
      return records;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
