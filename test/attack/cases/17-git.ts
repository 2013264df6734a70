import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verdictOf } from '../../../services/validator/test/stage-harness.ts';
import type { Attack, AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';
import { refusedChange } from '../edits.ts';

const HOOKS = [
  'post-checkout',
  'pre-commit',
  'post-index-change',
  'reference-transaction',
  'fsmonitor-watchman',
  'post-update',
];
const settings = (canary: string) => ({
  'core.fsmonitor': `sh -c 'touch ${canary}'`,
  'core.sshCommand': `sh -c 'touch ${canary}'`,
  'core.hooksPath': '.evil-hooks',
  'diff.external': `sh -c 'touch ${canary}'`,
  'filter.evil.smudge': `sh -c 'touch ${canary}'`,
  'filter.evil.clean': `sh -c 'touch ${canary}'`,
  'filter.evil.process': `sh -c 'touch ${canary}'`,
  'uploadpack.packObjectsHook': `sh -c 'touch ${canary}'`,
  'core.alternateRefsCommand': `sh -c 'touch ${canary}'`,
});

/** Everything that the service does with the repository, once more. */
async function useRepository({ harness, record }: Attack): Promise<void> {
  const { mirror, run } = harness.context;
  await mirror.refresh();
  const outcome = await harness.validate({ 'attack.sh': 'echo used\n' });
  record(outcome);
  const { headCommit } = verdictOf(outcome);
  await mirror.diff(run.baseCommit, headCommit);
  await mirror.formatPatch(headCommit);
}

const executed = (canary: string) =>
  existsSync(canary) ? [`git executed what the repository brought: ${canary}`] : [];

export default [
  refusedChange({
    row: 17,
    name: 'a hook in the change',
    files: { '.git/hooks/post-checkout': '#!/bin/sh\n' },
    code: 'EDIT_REJECTED',
  }),
  refusedChange({
    row: 17,
    name: "git's configuration in the change",
    files: { '.git/config': '[core]\n' },
    code: 'EDIT_REJECTED',
  }),
  refusedChange({
    row: 17,
    name: 'objects of another repository',
    files: { '.git/objects/info/alternates': '/root/.git/objects\n' },
    code: 'EDIT_REJECTED',
  }),
  refusedChange({
    row: 17,
    name: 'a filter in .gitattributes',
    files: { '.gitattributes': '* filter=evil diff=evil\n' },
    code: 'PROTECTED_PATH',
  }),
  {
    row: 17,
    name: 'a repository whose own git is armed',
    base: { '.gitattributes': '* filter=evil diff=evil merge=evil\n' },
    async run(attack) {
      const canary = join(attack.harness.home, 'executed');
      const { repository } = attack.harness;
      mkdirSync(join(repository.path, '.evil-hooks'), { recursive: true });
      mkdirSync(join(repository.path, '.git/hooks'), { recursive: true });
      for (const folder of ['.evil-hooks', '.git/hooks'])
        for (const hook of HOOKS)
          writeFileSync(join(repository.path, folder, hook), `#!/bin/sh\ntouch ${canary}\n`, { mode: 0o755 });
      // Written past git, which would run some of it at once.
      const lines = Object.entries(settings(canary)).map(([key, value]) => {
        const [section, ...rest] = key.split('.');
        const name = rest.at(-1);
        return `[${section}${rest.length > 1 ? ` "${rest[0]}"` : ''}]\n\t${name} = ${JSON.stringify(value)}\n`;
      });
      writeFileSync(join(repository.path, '.git/config'), `[core]\n\trepositoryformatversion = 0\n${lines.join('')}`);
      await useRepository(attack);
      return executed(canary);
    },
  },
  boxed({
    row: 17,
    name: 'a repository that the tests make in the workspace',
    sh: ({ canaries }) => `canary=${canaries.openFolder}/executed
for folder in . sub; do mkdir -p $folder/.git/hooks $folder/.git/objects $folder/.git/refs; echo 'ref: refs/heads/main' > $folder/.git/HEAD
printf '[core]\\n\\tfsmonitor = touch %s\\n\\thooksPath = hooks\\n[diff]\\n\\texternal = touch %s\\n' $canary $canary > $folder/.git/config
for hook in ${HOOKS.join(' ')}; do printf '#!/bin/sh\\ntouch %s\\n' $canary > $folder/.git/hooks/$hook; chmod 755 $folder/.git/hooks/$hook; done; done; tried=1`,
  }),
  {
    row: 17,
    name: 'objects borrowed from a folder of the machine',
    async run(attack) {
      const { repository } = attack.harness;
      const info = join(repository.path, '.git/objects/info');
      mkdirSync(info, { recursive: true });
      writeFileSync(join(info, 'alternates'), `${attack.canaries.openFolder}\n/root/none/.git/objects\n`);
      await useRepository(attack);
      return existsSync(join(attack.harness.context.mirror.gitDir, 'objects/info/alternates'))
        ? ['the mirror borrows objects']
        : [];
    },
  },
] satisfies AttackCase[];
