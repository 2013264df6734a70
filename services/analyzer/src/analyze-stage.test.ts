import { RepositoryContext } from '@orchestrator/shared/contracts/context.ts';
import type { Outcome } from '@orchestrator/shared/pipeline/outcome.ts';
import { type Answer, inOrder } from '@orchestrator/testkit/scripts/script.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { specification } from '../test/specification.ts';
import { type Bench, openBench } from '../test/stage-bench.ts';
import { analyzeStage } from './analyze-stage.ts';

let bench: Bench;
let asked: number;
beforeAll(async () => {
  bench = await openBench({
    'README.md': '# Target\n',
    'src/greet.js': 'export function greet() {\n  return "hello";\n}\n',
  });
});
afterAll(() => bench.close());
beforeEach(() => {
  asked = bench.server.generations.length;
});

const generations = () => bench.server.generations.length - asked;
const lastMessages = () => {
  const body = bench.server.generations.at(-1)?.body as { messages: { role: string; content: unknown }[] } | undefined;
  return body?.messages ?? [];
};
const answer = (value: unknown): Answer => ({ text: JSON.stringify(value) });
const artifact = (outcome: Outcome, kind: string) =>
  'artifacts' in outcome ? outcome.artifacts.find((each) => each.kind === kind)?.content : undefined;
const dropping = { ...specification(), filesToRead: ['docs/gone.md', 'README.md'] };
const impossible = specification({ filesToChange: [{ path: 'src/gone.js', action: 'update', why: '' }] });

describe('a good answer', () => {
  test('becomes the specification, beside what the model was shown', async () => {
    bench.answer(inOrder(answer(specification())));
    const outcome = await bench.run({ body: 'Let `greet` take a name.' });
    expect(outcome).toMatchObject({
      kind: 'advance',
      events: [
        {
          type: 'run.specified',
          data: { summary: 'Greetings take a name.', files: ['src/greet.js', 'test/greet.test.js'] },
        },
      ],
    });
    expect(artifact(outcome, 'specification')).toEqual(specification());
    const context = RepositoryContext.parse(artifact(outcome, 'context'));
    expect(context.files.map((file) => file.path)).toEqual(['README.md', 'src/greet.js']);
    expect(context.signatures).toEqual([{ path: 'src/greet.js', text: 'export function greet()' }]);
    expect(generations()).toBe(1);
  });

  test('was asked for by schema, with a cache marker on what other tasks share', async () => {
    bench.answer(inOrder(answer(specification())));
    await bench.run();
    const body = bench.server.generations.at(-1)?.body as {
      output_config: { format: { type: string; schema: { required: string[] } } };
      messages: { content: { cache_control?: object }[] | string }[];
    };
    expect(body.output_config.format.type).toBe('json_schema');
    expect(body.output_config.format.schema.required).toContain('filesToChange');
    expect(
      body.messages.map(({ content }) => typeof content === 'object' && content[0]?.cache_control !== undefined),
    ).toEqual([true, false]);
  });

  test('in a code fence is taken too', async () => {
    bench.answer(inOrder({ text: `Here it is:\n\n\`\`\`json\n${JSON.stringify(specification(), null, 2)}\n\`\`\`\n` }));
    expect(await bench.run()).toMatchObject({ kind: 'advance' });
  });
});

describe('an answer that cannot be used', () => {
  test.each([
    ['is not JSON', { text: 'Certainly!' }, 'it is not JSON'],
    ['lacks a part', answer({ ...specification(), design: undefined }), 'design:'],
    ['changes what does not exist', answer(impossible), 'src/gone.js does not exist'],
  ])('because it %s is asked again once, with the problem', async (_title, bad, problem) => {
    bench.answer(inOrder(bad, answer(specification())));
    expect(await bench.run()).toMatchObject({ kind: 'advance' });
    expect(generations()).toBe(2);
    const messages = lastMessages();
    expect(messages.map((message) => message.role)).toEqual(['user', 'user', 'assistant', 'user']);
    expect(JSON.stringify(messages[3])).toContain(problem);
  });

  test('twice fails the run', async () => {
    bench.answer(inOrder(answer(impossible)));
    expect(await bench.run()).toMatchObject({
      kind: 'fail',
      code: 'MODEL_REPLY_INVALID',
      message: expect.stringContaining('src/gone.js does not exist, so it cannot be updated'),
    });
    expect(generations()).toBe(2);
  });

  test('only for files to read that do not exist is taken the second time, without them', async () => {
    bench.answer(inOrder(answer(dropping)));
    const outcome = await bench.run();
    expect(artifact(outcome, 'specification')).toMatchObject({ filesToRead: ['README.md'] });
    expect(artifact(outcome, 'context')).toMatchObject({ notes: ['filesToRead: docs/gone.md does not exist'] });
    expect(generations()).toBe(2);
  });

  test('because it was cut or refused fails the run at once', async () => {
    bench.answer(inOrder({ text: JSON.stringify(specification({ design: 'word '.repeat(6_000) })) }));
    expect(await bench.run()).toMatchObject({ kind: 'fail', code: 'MODEL_TRUNCATED' });
    bench.answer(inOrder({ refusal: 'no', text: 'I will not.' }));
    expect(await bench.run()).toMatchObject({ kind: 'fail', code: 'MODEL_REFUSED' });
    expect(generations()).toBe(2);
  });
});

describe('what was paid for', () => {
  test('in an earlier run of the same text and commit is taken over for nothing', async () => {
    bench.answer(inOrder(answer(specification())));
    const first = await bench.context({ body: 'The same text.' });
    const stored = await analyzeStage.process(first);
    await bench.store(first.run.id, stored);
    const spent = await bench.spentNanoUsd();

    await bench.db.run.update({ where: { id: first.run.id }, data: { state: 'failed' } });
    const run = await bench.db.run.create({
      data: { taskId: first.task.id, taskRevision: 1, number: 2, baseCommit: first.run.baseCommit },
    });
    const stageRun = await bench.db.stageRun.create({ data: { runId: run.id, stage: 'analyze' } });
    const again = { runId: run.id, stageRunId: stageRun.id, taskId: first.task.id };
    expect(await analyzeStage.process(await bench.context({ body: 'The same text.' }, again))).toEqual(stored);
    expect(generations()).toBe(1);
    expect(await bench.spentNanoUsd()).toBe(spent);

    await analyzeStage.process(await bench.context({ body: 'Another text.' }, again));
    expect(generations()).toBe(2);
  });

  test('before a crash is not paid for again by the next try', async () => {
    bench.answer(inOrder(answer(specification())));
    const first = await bench.context();
    const outcome = await analyzeStage.process(first);
    const ids = { runId: first.run.id, stageRunId: first.stageRun.id, taskId: first.task.id };
    expect(await analyzeStage.process(await bench.context({}, ids))).toEqual(outcome);
    expect(generations()).toBe(1);
  });

  test('equals the bill of the vendor', async () => {
    expect(await bench.spentNanoUsd()).toBe(bench.server.meter.nanoUsd);
  });
});
