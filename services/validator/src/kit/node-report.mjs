// A reporter for `node --test`, given by NODE_OPTIONS: one line of JSON a test, in one file a process of REPORT_DIR, so
// that several test processes of one command never write over each other. Node's own JUnit reporter leaves out the test's
// file before version 22. Nothing is printed: the visible report is another reporter's.
import { appendFileSync } from 'node:fs';

const path = `${process.env.REPORT_DIR}/node-${process.pid}-${process.hrtime.bigint()}.jsonl`;
const MAX_MESSAGE = 4000;

// biome-ignore lint/correctness/useYield: a reporter is a generator; everything of this one goes to the file.
export default async function* report(source) {
  appendFileSync(path, '');
  const names = [];
  const parents = new Set();
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      names.length = data.nesting;
      names.push(data.name);
      continue;
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const scope = names.slice(0, data.nesting);
    const key = JSON.stringify([data.file, ...scope]);
    const own = JSON.stringify([data.file, ...scope, data.name]);
    const isParent = parents.delete(own) || data.details?.type === 'suite';
    parents.add(key);
    const error = data.details?.error;
    // A suite, or a test with tests of its own, says nothing new unless it failed by itself.
    if (isParent && (type === 'test:pass' || error?.failureType === 'subtestsFailed')) continue;
    const skipped = data.skip !== undefined || data.todo !== undefined;
    appendFileSync(
      path,
      `${JSON.stringify({
        path: [...scope, data.name],
        file: data.file,
        line: data.line,
        status: skipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed',
        ms: data.details?.duration_ms,
        ...(type === 'test:fail' && !skipped ? { message: describe(error) } : {}),
      })}\n`,
    );
  }
}

function describe(error) {
  const cause = error?.cause ?? error;
  const text =
    typeof cause === 'object' && cause !== null ? (cause.stack ?? cause.message ?? String(cause)) : String(cause);
  // Node's own frames say nothing about the test.
  return text.replace(/\n\s+at [^\n]*\(?node:[^\n]*/g, '').slice(0, MAX_MESSAGE);
}
