import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';

let folder: string;
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('serve-models', () => {
  it('serves recorded answers at the printed urls, tells the bill, and ends with its parent', async () => {
    folder = await mkdtemp(join(tmpdir(), 'serve-'));
    await mkdir(join(folder, 'events_001'));
    await writeFile(join(folder, 'events_001', 'coder-1.md'), 'the answer');
    const child = spawn(process.execPath, [join(import.meta.dirname, 'serve-models.ts'), folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const { anthropicUrl, openaiUrl, pid } = JSON.parse((await lines.next()).value ?? '');

    const client = new OpenAI({ apiKey: 'any', baseURL: openaiUrl, maxRetries: 0 });
    const { choices } = await client.chat.completions.create({
      model: 'gpt-4.1',
      messages: [{ role: 'user', content: 'Task id: events_001' }],
    });
    child.stdin.write('\n');
    const bill = JSON.parse((await lines.next()).value ?? '');
    child.stdin.end();
    const [code] = await once(child, 'exit');

    expect(choices[0]?.message.content).toBe('the answer');
    expect(new URL(anthropicUrl).hostname).toBe('127.0.0.1');
    expect([pid, code]).toEqual([child.pid, 0]);
    expect(bill).toMatchObject({ generations: 1, billed: 1 });
    expect(BigInt(bill.meteredNanoUsd)).toBeGreaterThan(0n);
  });
});
