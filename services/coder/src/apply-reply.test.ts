import { describe, expect, test } from 'vitest';
import { readReplyFixtures } from '../test/reply-fixtures.ts';
import { applyReply } from './apply-reply.ts';
import { contentsAfter, memoryFiles } from './guard/memory-files.ts';

describe.each(readReplyFixtures())('$name', ({ base, reply, expected, summaries, rejected, applied }) => {
  test.each([
    ['line feeds', reply],
    ['carriage returns', reply.replaceAll('\n', '\r\n')],
  ])('comes to what the fixture says, sent with %s', (_, sent) => {
    const files = memoryFiles(base);
    const result = applyReply({ reply: sent, files, previous: null });

    if (expected === null) {
      if (result.ok) throw new Error('was applied');
      expect(result.rejections.map(({ code, path, hunk }) => `${code} ${path ?? '-'} ${hunk ?? '-'}`)).toEqual(
        rejected,
      );
      expect(result.applied.map(({ path, hunk }) => `${path} ${hunk ?? '-'}`)).toEqual(applied);
      return;
    }
    if (!result.ok) throw new Error(JSON.stringify(result.rejections, null, 2));
    expect(contentsAfter(files, result.changeSet)).toEqual(expected);
    for (const summary of summaries) expect(result.changeSet.summary).toBe(summary);
  });
});
