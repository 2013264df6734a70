// A reporter for `node --test`, given by NODE_OPTIONS: one JUnit file a process in REPORT_DIR, so that several test
// processes of one command never write over each other. It prints nothing: the visible report is another reporter's.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { junit } from 'node:test/reporters';

// biome-ignore lint/correctness/useYield: a reporter is a generator; everything of this one goes to the file.
export default async function* report(source) {
  const file = createWriteStream(`${process.env.REPORT_DIR}/node-${process.pid}-${process.hrtime.bigint()}.xml`);
  for await (const chunk of junit(source)) if (!file.write(chunk)) await once(file, 'drain');
  file.end();
  await once(file, 'finish');
}
