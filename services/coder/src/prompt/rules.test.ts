import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseReply } from '../reply/parse-reply.ts';
import { CODER_RULES, PROMPT_VERSION } from './rules.ts';

describe('what the coder is told', () => {
  test('holds an example that the parser reads as meant', () => {
    const example = /\*\*\* Begin Patch[\s\S]*?\*\*\* End Patch/.exec(CODER_RULES)?.[0] ?? '';
    const { edits, problems } = parseReply(example);
    expect(problems).toEqual([]);
    expect(edits).toMatchObject([
      {
        kind: 'update',
        path: 'path/of/existing-file.ts',
        hunks: [{ anchors: ['class Enclosing', 'enclosingFunction('] }],
      },
      {
        kind: 'write',
        intent: 'create',
        path: 'path/of/new-file.ts',
        lines: ['every line of the new file', 'begins with a plus sign'],
      },
      { kind: 'delete', path: 'path/of/obsolete-file.ts' },
    ]);
  });

  test('is documented in its current version', () => {
    const contract = readFileSync(join(import.meta.dirname, '../../../../docs/model-contract.md'), 'utf8');
    expect(contract).toContain(`\`${PROMPT_VERSION}\``);
    for (const [, block] of contract.matchAll(/^```(?:\w*)\n(\*\*\* Begin Patch[\s\S]*?)^```/gm)) {
      expect(parseReply(block as string).problems).toEqual([]);
      expect(parseReply(block as string).edits.length).toBeGreaterThan(0);
    }
  });
});
