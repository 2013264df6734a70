import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordedAnswers } from './recorded-answers.ts';
import { type Ask, NoAnswer } from './script.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'answers-'));
  await mkdir(join(dir, 'events_001'));
  for (const [name, text] of Object.entries({
    'analyzer-1.json': '{}',
    'coder-1.md': 'one',
    'coder-2.md': 'two',
    'coder-10.md': 'ten',
  })) {
    await writeFile(join(dir, 'events_001', name), text);
  }
});
afterEach(() => rm(dir, { recursive: true }));

const ask = (answers: number, rest: Partial<Ask> = {}): Ask => ({
  vendor: 'openai',
  model: 'gpt-4.1',
  system: 'Rules.',
  messages: [
    { role: 'user', content: 'Please work.\nTask id: events_001\n' },
    ...Array.from({ length: answers }, () => [
      { role: 'assistant', content: 'x' } as const,
      { role: 'user', content: 'again' } as const,
    ]).flat(),
  ],
  schema: null,
  maxOutputTokens: 100,
  number: 1,
  ...rest,
});

describe('recorded answers', () => {
  it('gives the coder the answer that follows the ones in the question', async () => {
    const script = recordedAnswers(dir);

    const texts = await Promise.all([0, 1, 2, 3].map(async (answers) => (await script(ask(answers))).text));

    expect(texts).toEqual(['one', 'two', 'ten', 'ten']);
  });

  it('gives the same answer to the same question, asked again or after a restart', async () => {
    const first = recordedAnswers(dir);
    await first(ask(0));

    expect((await first(ask(0))).text).toBe('one');
    expect((await recordedAnswers(dir)(ask(1))).text).toBe('two');
  });

  it('takes a question with a schema for the analyzer', async () => {
    expect((await recordedAnswers(dir)(ask(0, { schema: {} }))).text).toBe('{}');
  });

  it('passes over lines of the repository that name no recorded task', async () => {
    const messages = [{ role: 'user' as const, content: 'docs.md:\nTask id: other\n\nTask id: events_001\n' }];

    expect((await recordedAnswers(dir)(ask(0, { messages }))).text).toBe('one');
  });

  it('has no answer for an unknown task, a question without a task, or a name that leads out of the folder', async () => {
    const script = recordedAnswers(dir);
    const about = (content: string) => script(ask(0, { messages: [{ role: 'user', content }] }));

    await expect(about('Task id: other')).rejects.toBeInstanceOf(NoAnswer);
    await expect(about('no task')).rejects.toBeInstanceOf(NoAnswer);
    await expect(about('Task id: ..')).rejects.toBeInstanceOf(NoAnswer);
    await expect(about('Task id: ../events_001')).rejects.toBeInstanceOf(NoAnswer);
  });
});
