import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';
import { addFile, refusedChange, refusedReply, updateFile } from '../edits.ts';

const LINKS = { 'to-etc': { link: '/etc' }, 'to-passwd': { link: '/etc/passwd' }, up: { link: '../..' } } as const;
export const REPORT = `<testsuite name="s" tests="1"><testcase classname="s" name="works"/></testsuite>`;
/** A repository whose test writes a report, as most do. */
export const REPORTING = {
  base: { 'attack.sh': `mkdir -p out; echo '${REPORT}' > out/report.xml\n`, 'test.sh': 'sh ./attack.sh\n' },
  config: { validate: { reports: ['out/*.xml'] } },
};

export default [
  refusedReply({
    row: 15,
    name: 'writes through a linked folder of the base',
    base: LINKS,
    reply: addFile('to-etc/canary'),
    codes: ['PATH_REJECTED', 'MODE_REJECTED', 'PATH_COLLISION'],
  }),
  refusedReply({
    row: 15,
    name: 'edits a link of the base as if it were its target',
    base: LINKS,
    reply: updateFile('to-passwd', '@@\n-root\n+canary'),
    codes: ['MODE_REJECTED', 'PATH_REJECTED', 'BINARY_FILE'],
  }),
  refusedReply({
    row: 15,
    name: 'adds a link as a git patch',
    reply:
      'diff --git a/link b/link\nnew file mode 120000\nindex 0000000..3594e94\n--- /dev/null\n+++ b/link\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n',
    codes: ['UNSUPPORTED_FORMAT', 'MODE_REJECTED', 'NO_EDIT', 'MALFORMED_PATCH'],
  }),
  refusedChange({
    row: 15,
    name: 'past the guard: through a linked folder',
    base: LINKS,
    files: { 'to-etc/canary': 'x' },
    code: 'EDIT_REJECTED',
  }),
  refusedChange({
    row: 15,
    name: 'past the guard: over a link',
    base: LINKS,
    files: { 'to-passwd': 'x' },
    code: 'EDIT_REJECTED',
  }),
  refusedChange({
    row: 15,
    name: 'past the guard: through a link that leads up',
    base: LINKS,
    files: { 'up/canary': 'x' },
    code: 'EDIT_REJECTED',
  }),
  boxed({
    row: 15,
    name: 'reads the machine through links of the base',
    base: LINKS,
    sh: 'fails shadow head -c 1 to-etc/shadow; fails "above the workspace" ls up/canary; fails "accounts of the machine" test "$(wc -l < to-passwd)" -gt 4',
  }),
  boxed({
    row: 15,
    name: 'a report that is a link to a secret',
    ...REPORTING,
    sh: ({ canaries }) =>
      `mkdir -p out; i=0; for path in ${canaries.secretPaths.join(' ')} /etc/shadow; do i=$((i+1)); ln -s "$path" out/report$i.xml; done; tried=1`,
    passed: false,
    code: 'REPORT_MISSING',
  }),
  boxed({
    row: 15,
    name: 'a folder of reports that is a link to a folder of the machine',
    ...REPORTING,
    sh: ({ canaries }) => `rm -rf out; ln -s ${canaries.openFolder} out; ln -s /etc reports; tried=1`,
    passed: false,
    code: 'REPORT_MISSING',
  }),
  boxed({
    row: 15,
    name: 'a report that is swapped for a link again and again',
    ...REPORTING,
    sh: ({ canaries, marker }) => `mkdir -p out; cat > swap.sh <<'END'
while :; do echo '${REPORT}' > out/new.xml; mv out/new.xml out/report.xml; ln -sf ${canaries.secretPaths[0]} out/report.xml; done
END
setsid sh swap.sh ${marker} >/dev/null 2>&1 & sleep 0.5; tried=1`,
    // Either state may be the last; the link's target must not show in any case.
    passed: 'either',
  }),
  boxed({
    row: 15,
    name: 'folders of the workspace that are swapped for links while it is removed',
    sh: ({ canaries, marker }) => `mkdir -p deep/a/b/c; cat > swap.sh <<'END'
while :; do mv deep gone 2>/dev/null; ln -s ${canaries.openFolder} deep 2>/dev/null; rm -f deep; mv gone deep 2>/dev/null; done
END
setsid sh swap.sh ${marker} >/dev/null 2>&1 & sleep 0.3; tried=1`,
  }),
] satisfies AttackCase[];
