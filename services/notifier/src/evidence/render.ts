import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import { cut } from '@orchestrator/shared/text/cut.ts';
import { block, code, list, plain } from '@orchestrator/shared/text/markdown.ts';
import type { Evidence } from './evidence.ts';
import { checks, commands, costs, criteria, tests } from './sections.ts';

/** A pull request's body may hold 65,536 characters. */
const MAX_CHARACTERS = 60_000;

/** The evidence as Markdown, for a reviewer: what was asked, what was made, and what the runner measured. */
export function renderEvidence(evidence: Evidence): string {
  const { task, run, specification, verdict } = evidence;
  const sections: [title: string, body: string][] = [
    ['Change', summary(evidence)],
    ['Commands', commands(verdict)],
    ['Tests', tests(verdict)],
    ['Criteria', criteria(specification, verdict)],
    ['Check findings', checks(verdict)],
    ['Cost', costs(evidence.costs)],
    ['Risks', specification.risks.length === 0 ? 'None named.' : list(specification.risks.map((risk) => plain(risk)))],
    ['Task', block(task.body, 8_000)],
  ];
  const head = `# ${plain(task.title, 200)}\n\n${plain(specification.summary, 2_000)}\n`;
  const foot = `\n---\nTask ${code(task.key)}, run ${code(run.id)}. Written by the runner from what it measured; the summary, criteria and risks are the models' words.\n`;
  const text = sections.filter(([, body]) => body !== '').map(([title, body]) => `\n## ${title}\n\n${body}\n`);
  return `${cut(`${head}${text.join('')}`, MAX_CHARACTERS - foot.length)}${foot}`;
}

function summary({ branch, headCommit, stat, run, verdict, costs }: Evidence): string {
  const total = costs.reduce((sum, cost) => sum + cost.costNanoUsd, 0n);
  return list([
    `Branch ${code(branch)}, one commit ${code(headCommit)} on ${code(run.baseCommit)}`,
    `${stat.files} file(s), ${stat.addedLines} line(s) added, ${stat.deletedLines} removed`,
    `Passed validation in round ${run.round}${sandbox(verdict.run?.sandbox.tier)}`,
    `Cost ${formatUsd(total, 9)}`,
  ]);
}

function sandbox(tier: 'bubblewrap' | 'landlock' | 'seatbelt' | 'none' | undefined): string {
  if (tier === undefined) return '';
  return tier === 'none' ? ', executed **without a sandbox**' : `, executed in ${tier}, without network`;
}
