import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { applyReply } from './apply-reply.ts';
import { contentsAfter, memoryFiles } from './guard/memory-files.ts';

/**
 * Replies in the forms that models use. A fixture is plain text in sections: `%%% file <path>` gives the repository,
 * `%%% reply` the reply, and then what has to come of it.
 */
const FOLDER = join(import.meta.dirname, '../fixtures/replies');

interface Section {
  readonly kind: string;
  readonly args: string;
  readonly body: string;
}

function readFixture(name: string): Section[] {
  return readFileSync(join(FOLDER, name), 'utf8')
    .split(/^%%% /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      const [kind = '', ...args] = part.slice(0, end).split(' ');
      return { kind, args: args.join(' '), body: part.slice(end + 1) };
    });
}

describe.each(readdirSync(FOLDER))('%s', (name) => {
  const sections = readFixture(name);
  const of = (kind: string) => sections.filter((section) => section.kind === kind);
  const base = Object.fromEntries(of('file').map(({ args, body }) => [args, body]));
  const reply = of('reply')[0]?.body ?? '';

  test.each([
    ['line feeds', reply],
    ['carriage returns', reply.replaceAll('\n', '\r\n')],
  ])('comes to what the fixture says, sent with %s', (_, sent) => {
    const files = memoryFiles(base);
    const result = applyReply({ reply: sent, files, previous: null });

    const rejected = of('rejected').map(({ args }) => args);
    if (rejected.length > 0) {
      if (result.ok) throw new Error('was applied');
      expect(result.rejections.map(({ code, path, hunk }) => `${code} ${path ?? '-'} ${hunk ?? '-'}`)).toEqual(
        rejected,
      );
      expect(result.applied.map(({ path, hunk }) => `${path} ${hunk ?? '-'}`)).toEqual(
        of('applied').map(({ args }) => args),
      );
      return;
    }
    if (!result.ok) throw new Error(JSON.stringify(result.rejections, null, 2));
    const expected: Record<string, string | undefined> = { ...base };
    for (const { args, body } of of('expect')) expected[args] = body;
    for (const { args } of of('deleted')) delete expected[args];
    expect(contentsAfter(files, result.changeSet)).toEqual(expected);
    for (const { args } of of('summary')) expect(result.changeSet.summary).toBe(args);
  });
});
