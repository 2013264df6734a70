import type { GitRefs } from './git-refs.ts';
import { type CheckRun, type Issue, now, type Pull, type RepositoryState, type Review } from './repository-state.ts';

/** What people do on the platform while the project watches. */
export interface People {
  /** Merges as a fast-forward of the base branch, or reports the head as the merge commit where that is impossible. */
  readonly merge: (number: number) => Promise<void>;
  readonly close: (number: number) => Promise<void>;
  readonly reopen: (number: number) => void;
  /** Edits the body, as ticking a box does. */
  readonly edit: (number: number, change: (body: string) => string) => void;
  readonly label: (number: number, ...labels: string[]) => void;
  readonly comment: (number: number, body: string, by?: string) => void;
  readonly review: (number: number, state: Review['state'], body: string, by?: string) => void;
  readonly commentOnLine: (number: number, at: { path: string; line: number }, body: string, by?: string) => void;
  readonly archive: () => void;
  /** Edits the text of an issue. */
  readonly editIssue: (number: number, change: (body: string) => string, by?: string) => void;
  readonly setIssue: (number: number, state: 'open' | 'closed' | 'deleted') => void;
  /** Renames the repository, or moves it to another owner; what knows the old name is redirected. */
  readonly rename: (owner: string, name: string) => void;
  /** Changes the base branch so that the pull request conflicts. */
  readonly conflict: (number: number) => void;
  /** What a person may do; people who are not named may do nothing. `maintainer` may write. */
  readonly permit: (who: string, permission: 'admin' | 'write' | 'read' | 'none') => void;
  /** A check of the branch's present commit ends, or begins. */
  readonly check: (number: number, check: Partial<Omit<CheckRun, 'id' | 'headSha'>>) => Promise<void>;
}

export function people(state: RepositoryState, refs: GitRefs, rename: People['rename']): People {
  const find = (number: number): Pull => {
    const pull = state.pulls.find((candidate) => candidate.number === number);
    if (!pull) throw new Error(`there is no pull request ${number}`);
    return pull;
  };
  const findIssue = (number: number): Issue => {
    const issue = state.issues.find((candidate) => candidate.number === number);
    if (!issue) throw new Error(`there is no issue ${number}`);
    return issue;
  };
  const end = async (pull: Pull) => {
    pull.headSha = (await refs.read(`heads/${pull.head}`)) ?? pull.headSha;
    pull.state = 'closed';
    pull.closedAt = now();
    pull.updatedAt = now();
  };
  return {
    async merge(number) {
      const pull = find(number);
      await end(pull);
      pull.mergedAt = pull.closedAt;
      pull.mergeCommitSha = pull.headSha;
      const base = await refs.read(`heads/${pull.base}`);
      if (base && (await refs.isAncestor(base, pull.headSha))) await refs.write(`heads/${pull.base}`, pull.headSha);
    },
    close: (number) => end(find(number)),
    reopen(number) {
      const pull = find(number);
      pull.state = 'open';
      pull.closedAt = null;
      pull.updatedAt = now();
    },
    edit(number, change) {
      const pull = find(number);
      pull.body = change(pull.body);
      pull.updatedAt = now();
    },
    label(number, ...labels) {
      const pull = find(number);
      pull.labels = [...new Set([...pull.labels, ...labels])];
      pull.updatedAt = now();
    },
    rename,
    editIssue(number, change, by = 'maintainer') {
      const issue = findIssue(number);
      issue.body = change(issue.body);
      issue.editor = by;
      issue.updatedAt = now();
    },
    setIssue(number, wanted) {
      const issue = findIssue(number);
      if (wanted === 'deleted') state.issues.splice(state.issues.indexOf(issue), 1);
      else issue.state = wanted;
    },
    archive() {
      state.archived = true;
    },
    permit: (who, permission) => void state.permissions.set(who, permission),
    conflict(number) {
      find(number).conflicts = true;
    },
    async check(number, check) {
      const { head, headSha } = find(number);
      state.checks.push({
        name: 'ci',
        status: 'completed',
        conclusion: check.status === undefined || check.status === 'completed' ? 'success' : null,
        title: '',
        summary: '',
        annotations: [],
        ...check,
        id: state.nextId++,
        headSha: (await refs.read(`heads/${head}`)) ?? headSha,
      });
    },
    commentOnLine(number, { path, line }, body, by = 'maintainer') {
      const pull = find(number);
      state.lineComments.push({ id: state.nextId++, number, body, by, createdAt: now(), path, line });
      pull.updatedAt = now();
    },
    comment(number, body, by = 'maintainer') {
      const pull = find(number);
      state.comments.push({ id: state.nextId++, number, body, by, createdAt: now() });
      pull.updatedAt = now();
    },
    review(number, verdict, body, by = 'maintainer') {
      const pull = find(number);
      pull.updatedAt = now();
      state.reviews.push({
        id: state.nextId++,
        number,
        body,
        by,
        createdAt: now(),
        state: verdict,
      });
    },
  };
}
