import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AttackCase } from '../attack-case.ts';
import { refusedChange, refusedReply } from '../edits.ts';

const modules = (url: string, canary: string) =>
  `[submodule "vendor"]\n\tpath = vendor\n\turl = ${url}\n\tupdate = !touch ${canary}\n`;

export default [
  ...['ext::sh -c touch% /tmp/canary', 'file:///etc', '-u./evil', 'ssh://-oProxyCommand=touch\tx/x'].map((url) =>
    refusedChange({
      row: 18,
      name: `a submodule from ${url}`,
      files: { '.gitmodules': modules(url, '/tmp/canary') },
      code: 'PROTECTED_PATH',
    }),
  ),
  refusedReply({
    row: 18,
    name: 'a gitlink as a git patch',
    reply: `diff --git a/vendor b/vendor\nnew file mode 160000\nindex 0000000..${'1'.repeat(40)}\n--- /dev/null\n+++ b/vendor\n@@ -0,0 +1 @@\n+Subproject commit ${'1'.repeat(40)}\n`,
    codes: ['UNSUPPORTED_FORMAT', 'MODE_REJECTED', 'NO_EDIT', 'MALFORMED_PATCH'],
  }),
  {
    row: 18,
    name: 'a submodule of the base commit',
    async run({ harness, canaries, record }) {
      const { repository } = harness;
      const canary = join(harness.home, 'executed');
      repository.write({ '.gitmodules': modules(`ext::sh -c touch% ${canary}`, canary) });
      repository.git('add', '--all');
      repository.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},vendor`);
      repository.git('commit', '--quiet', '--message', 'Submodule');
      repository.git('config', 'submodule.vendor.url', `ext::sh -c touch% ${canary}`);
      repository.git('config', 'fetch.recurseSubmodules', 'true');
      const { mirror } = harness.context;
      await mirror.refresh();
      const commit = repository.git('rev-parse', 'HEAD');
      const out = join(harness.home, `out-${process.pid}`);
      await mirror.checkout(commit, out);
      record(readdirSync(out).join());
      repository.git('reset', '--quiet', '--hard', 'HEAD~1');
      return [
        ...(existsSync(canary) ? ['the submodule was fetched'] : []),
        ...(readdirSync(join(out, 'vendor')).length > 0 ? ['the submodule has files'] : []),
        ...canaries.changes(),
      ];
    },
  },
] satisfies AttackCase[];
