import type { GitRefs } from './git-refs.ts';
import { now, type Pull, type RepositoryState, type Review } from './repository-state.ts';

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
}

export function people(state: RepositoryState, refs: GitRefs): People {
  const find = (number: number): Pull => {
    const pull = state.pulls.find((candidate) => candidate.number === number);
    if (!pull) throw new Error(`there is no pull request ${number}`);
    return pull;
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
    comment(number, body, by = 'maintainer') {
      state.comments.push({ id: state.nextId++, number: find(number).number, body, by, createdAt: now() });
    },
    review(number, verdict, body, by = 'maintainer') {
      state.reviews.push({
        id: state.nextId++,
        number: find(number).number,
        body,
        by,
        createdAt: now(),
        state: verdict,
      });
    },
  };
}
