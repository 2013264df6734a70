/**
 * How models' replies are applied. Over the project's corpus: the share that applies of what should, and how many came to
 * anything but what the corpus says. Then how long it takes: an ordinary change, a large one, the worst cases of the search.
 * Prints one JSON line last: medians and maxima in milliseconds, and the growth of the heap's high-water mark.
 */
import { isDeepStrictEqual } from 'node:util';
import { applyReply } from '../services/coder/src/apply-reply.ts';
import { contentsAfter, memoryFiles } from '../services/coder/src/guard/memory-files.ts';
import { parseReply } from '../services/coder/src/reply/parse-reply.ts';
import { readReplyFixtures } from '../services/coder/test/reply-fixtures.ts';

const patch = (body: string): string => `*** Begin Patch\n*** Update File: f.ts\n${body}\n*** End Patch`;
const distinct = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `  const value${i} = compute(${i});`);

function scattered(lines: readonly string[], hunks: number, old: (line: string) => string = (line) => line): string {
  const step = Math.floor(lines.length / hunks);
  const bodies = Array.from({ length: hunks }, (_, i) => {
    const at = i * step + 3;
    const context = (from: number, to: number) => lines.slice(from, to).map((line) => ` ${old(line)}`);
    return [
      '@@',
      ...context(at - 3, at),
      `-${old(lines[at] as string)}`,
      `+  changed(${i});`,
      ...context(at + 1, at + 4),
    ].join('\n');
  });
  return patch(bodies.join('\n'));
}

const ordinary = distinct(300);
const large = distinct(50_000);
const equal = Array.from({ length: 50_000 }, () => 'same');
const CASES: Readonly<Record<string, { lines: readonly string[]; reply: string; applies: boolean }>> = {
  ordinary: { lines: ordinary, reply: scattered(ordinary, 3), applies: true },
  large: { lines: large, reply: scattered(large, 200), applies: true },
  largeDedented: { lines: large, reply: scattered(large, 200, (line) => line.trim()), applies: true },
  largeNotFound: {
    lines: large,
    reply: scattered(large, 200, (line) => line.replace('compute', 'calculate')),
    applies: false,
  },
  equalLinesAmbiguous: { lines: equal, reply: patch(`@@\n${' same\n'.repeat(200)}+new`), applies: false },
  equalLinesAlmost: {
    lines: equal,
    reply: patch(`@@\n${' same\n'.repeat(200)}-other`.concat('\n').repeat(200).trimEnd()),
    applies: false,
  },
  wholeFile: {
    lines: large,
    reply: `f.ts\n\`\`\`ts\n${large.map((line) => line.replace('value7', 'value_7')).join('\n')}\n\`\`\``,
    applies: true,
  },
};

const RUNS = 9;
const results: Record<string, { medianMs: number; maxMs: number }> = {};
for (const [name, { lines, reply, applies }] of Object.entries(CASES)) {
  const files = memoryFiles({ 'f.ts': `${lines.join('\n')}\n` });
  const timesMs = Array.from({ length: RUNS }, () => {
    const start = performance.now();
    const result = applyReply({ reply, files, previous: null });
    const timeMs = performance.now() - start;
    if (result.ok !== applies)
      throw new Error(`${name}: ${result.ok ? 'applied' : JSON.stringify(result.rejections[0])}`);
    return timeMs;
  }).sort((a, b) => a - b);
  results[name] = { medianMs: round(timesMs[Math.floor(RUNS / 2)]), maxMs: round(timesMs.at(-1)) };
}
const reply = CASES.large?.reply ?? '';
const start = performance.now();
parseReply(reply);
const parseMs = round(performance.now() - start);
process.stdout.write(
  `${JSON.stringify({ benchmark: 'edits', corpus: overCorpus(), runs: RUNS, parse200HunksMs: parseMs, ...results, maxRssMb: Math.round(process.resourceUsage().maxRSS / 1024) })}\n`,
);

/** Wrong: applied to anything but what is meant, or applied where it should be refused. Nothing else may go wrong unseen. */
function overCorpus() {
  const counts = { replies: 0, shouldApply: 0, applied: 0, shouldBeRefused: 0, refused: 0, wrong: 0 };
  let totalMs = 0;
  for (const { base, reply, expected } of readReplyFixtures()) {
    const files = memoryFiles(base);
    const from = performance.now();
    const result = applyReply({ reply, files, previous: null });
    totalMs += performance.now() - from;
    counts.replies += 1;
    counts[expected === null ? 'shouldBeRefused' : 'shouldApply'] += 1;
    if (!result.ok) counts.refused += expected === null ? 1 : 0;
    else if (isDeepStrictEqual(contentsAfter(files, result.changeSet), { ...expected })) counts.applied += 1;
    else counts.wrong += 1;
  }
  return {
    ...counts,
    applyRate: Math.round((counts.applied / counts.shouldApply) * 1_000) / 1_000,
    meanMs: round(totalMs / counts.replies),
  };
}

function round(ms: number | undefined): number {
  return Math.round((ms ?? 0) * 10) / 10;
}
