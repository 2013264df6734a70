import { createHash } from 'node:crypto';
import { holding } from '@orchestrator/shared/db/hold.ts';
import { storeSetting } from '@orchestrator/shared/db/setting.ts';
import type { Logger } from 'pino';
import { writersOf } from '../pull-requests/review-items.ts';
import { dashboardBody, dashboardFingerprint, type TickedBox, tickedBoxes } from './dashboard-body.ts';
import { dashboardTasks } from './dashboard-tasks.ts';
import { type FindIssueOptions, findIssue, type Issue, readIssue, rememberIssue } from './find-issue.ts';
import { grantWish } from './grant-wish.ts';
import { lastEditor } from './last-editor.ts';

export interface UpdateIssueOptions extends FindIssueOptions {
  readonly log: Logger;
  /** Of the issue. */
  readonly title: string;
}

/** Longer than a look takes. */
const HOLD_MS = 2 * 60_000;

/**
 * One look at the dashboard issue: does what ticked boxes ask for, and writes its text anew where ours changed. It is
 * made once; one that people closed is left alone until they reopen it. One process at a time, so that two cannot make
 * two of them.
 */
export async function updateIssue(options: UpdateIssueOptions): Promise<void> {
  await holding(options.db, `dashboard.hold:${options.repositoryId}`, HOLD_MS, () => look(options));
}

async function look(options: UpdateIssueOptions): Promise<void> {
  const { db, github, at, repositoryId, title, log } = options;
  const issue = await findIssue(options);
  if (issue === null) {
    const body = dashboardBody(await dashboardTasks(db, repositoryId));
    const { data } = await github.issues.create({ ...at, title, body });
    await rememberIssue(db, repositoryId, data.number);
    log.info({ number: data.number }, 'dashboard issue opened');
    return;
  }
  if (issue.state !== 'open') return;
  const boxes = tickedBoxes(issue.body);
  if (boxes.length > 0) await grantOnce(options, issue, boxes);
  const body = dashboardBody(await dashboardTasks(db, repositoryId));
  if (boxes.length === 0 && dashboardFingerprint(body) === dashboardFingerprint(issue.body)) return;
  // What somebody ticked at this moment is read by the next look, and not lost.
  const now = await readIssue(options, issue.number);
  if (now?.body !== issue.body || now.state !== 'open') return;
  await github.issues.update({ ...at, issue_number: issue.number, body });
  await db.setting.deleteMany({ where: { key: actedKey(repositoryId) } });
}

const actedKey = (repositoryId: string): string => `dashboard.acted:${repositoryId}`;

/** What one text of the issue asks for is done once, even where taking the ticks away fails afterwards. */
async function grantOnce(options: UpdateIssueOptions, issue: Issue, boxes: readonly TickedBox[]): Promise<void> {
  const { db, github, at, access, repositoryId, log } = options;
  const by = await lastEditor(github, at, issue.number);
  if (by === null || by === (await access.login()) || !(await writersOf(github, at)(by))) {
    log.warn({ number: issue.number, by }, 'boxes were ticked by somebody who may not write: nothing is done');
    return;
  }
  const key = actedKey(repositoryId);
  const text = createHash('sha256')
    .update(issue.body ?? '')
    .digest('hex');
  await db.$transaction(async (tx) => {
    if ((await tx.setting.findUnique({ where: { key } }))?.value === text) return;
    await storeSetting(tx, key, text);
    for (const box of boxes) await grantWish(tx, { ...box, repositoryId, by });
  });
  log.info({ number: issue.number, by, boxes: boxes.length }, 'boxes of the dashboard issue were ticked');
}
