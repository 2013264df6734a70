import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import type { Specification } from '@orchestrator/shared/contracts/specification.ts';
import type { CommandResult, Finding, TestTotals, Verdict } from '@orchestrator/shared/contracts/verdict.ts';
import { code, list, plain, table } from '@orchestrator/shared/text/markdown.ts';
import type { z } from 'zod';
import { testsOf } from './criteria.ts';
import type { StageCost } from './evidence.ts';

export function commands(verdict: Verdict): string {
  if (verdict.run === null) return 'Nothing was executed.';
  const rows = verdict.run.commands.map((command) => [
    command.step,
    code(command.argv.join(' ')),
    ended(command),
    `${(command.durationMs / 1000).toFixed(1)} s`,
  ]);
  return rows.length === 0 ? 'Nothing was executed.' : table(['Step', 'Command', 'Exit code', 'Time'], rows);
}

const ended = ({ ended, exitCode }: CommandResult): string =>
  ended === 'exit' ? String(exitCode ?? 'none') : `ended: ${ended}`;

export function tests({ baseTotals, run, tests }: Verdict): string {
  const head = run?.totals ?? null;
  const counted =
    baseTotals === null && head === null ? 'No test report was found; exit codes decide.' : totals(baseTotals, head);
  const lists = [
    ['New', tests.added],
    ['Fixed', tests.fixed],
    ['Failing before and after', tests.knownFailed],
    ['Flaky', tests.flaky],
    ['Newly failing', tests.newlyFailed],
    ['Missing', tests.missing],
  ] as const;
  const named = lists
    .filter(([, ids]) => ids.length > 0)
    .map(([title, ids]) => `${title} (${ids.length}):\n\n${list(ids.map((id) => code(id)))}`);
  return [counted, ...named].join('\n\n');
}

type Totals = z.infer<typeof TestTotals> | null;

function totals(base: Totals, head: Totals): string {
  const row = (title: string, total: Totals) => [
    title,
    ...(total === null ? ['?', '?', '?'] : [total.passed, total.failed, total.skipped].map(String)),
  ];
  return table(['', 'Passed', 'Failed', 'Skipped'], [row('Base', base), row('This change', head)]);
}

export function criteria(specification: Specification, verdict: Verdict): string {
  if (specification.criteria.length === 0) return 'The task names none.';
  const rows = specification.criteria.map(({ criterion, shownBy }) => [
    plain(criterion),
    plain(shownBy),
    resultOf(shownBy, verdict),
  ]);
  return table(['Criterion', 'Shown by', 'Result'], rows);
}

function resultOf(shownBy: string, verdict: Verdict): string {
  const found = testsOf(shownBy, verdict.run?.tests ?? null);
  if (found === null) return 'no such test ran';
  const counts = [
    `${found.passed} passed`,
    ...(found.failed > 0 ? [`${found.failed} failed`] : []),
    ...(found.skipped > 0 ? [`${found.skipped} skipped`] : []),
  ];
  return counts.join(', ');
}

export function checks({ findings, suppressed, packs }: Verdict): string {
  const found =
    findings.length === 0
      ? 'None.'
      : table(
          ['Check', 'Severity', 'Where', 'Finding'],
          findings.map((finding) => [code(nameOf(finding)), finding.severity, place(finding), plain(finding.message)]),
        );
  const ignored =
    suppressed.length === 0
      ? []
      : [
          'Suppressed, so not counted:',
          table(
            ['Check', 'Where', 'Finding', 'Suppressed by', 'Reason'],
            suppressed.map(({ finding, by, reason }) => [
              code(nameOf(finding)),
              place(finding),
              plain(finding.message),
              by,
              plain(reason),
            ]),
          ),
        ];
  const looked =
    packs.length === 0
      ? []
      : [`Packs of rules that looked: ${packs.map(({ id, why }) => `${code(id)} (${plain(why)})`).join(', ')}.`];
  return [found, ...ignored, ...looked].join('\n\n');
}

/** A rule is known by its own name. */
const nameOf = ({ check, code }: Finding): string => (check === 'policy.rules' ? code : check);
const place = ({ file, line }: Finding): string =>
  file === undefined ? '' : code(line === undefined ? file : `${file}:${line}`);

export function costs(rows: readonly StageCost[]): string {
  if (rows.length === 0) return 'No model was called.';
  const cells = rows.map((row) => [
    row.stage,
    code(row.model),
    String(row.calls),
    String(row.inputTokens),
    String(row.outputTokens),
    formatUsd(row.costNanoUsd, 9),
  ]);
  return table(['Stage', 'Model', 'Calls', 'Input tokens', 'Output tokens', 'Cost'], cells);
}
