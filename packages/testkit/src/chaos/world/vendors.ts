import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Guard } from './guard.ts';
import type { VendorRecords } from './vendor-records.ts';

export interface Vendors {
  readonly anthropicUrl: string;
  readonly openaiUrl: string;
  readonly webhookUrl: string;
  readonly records: () => Promise<VendorRecords>;
  readonly stop: () => Promise<void>;
}

export async function startVendors(guard: Guard): Promise<Vendors> {
  const child = fork(join(import.meta.dirname, 'vendor-process.ts'), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  guard.watch(child);
  const [urls] = (await once(child, 'message')) as [Pick<Vendors, 'anthropicUrl' | 'openaiUrl' | 'webhookUrl'>];
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
