import { AppError } from '../errors/app-error.ts';
import type { GitHubAddress } from '../github/address.ts';
import type { GitHub } from '../github/client.ts';
import { failureOf, githubError } from '../github/github-error.ts';
import { readMarker, STATUS_TASK } from '../github/pull-marker.ts';
import type { PublishRequest } from './platform.ts';

/** A pull request as far as we decide by it. */
export interface Pull {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'closed' | 'merged';
  readonly title: string;
  readonly body: string | null;
  readonly head: string;
  readonly labels: readonly string[];
  readonly createdAt: Date;
}

type ListedPull = Awaited<ReturnType<GitHub['pulls']['list']>>['data'][number];

const pullOf = (pull: ListedPull): Pull => ({
  number: pull.number,
  url: pull.html_url,
  state: pull.merged_at ? 'merged' : pull.state === 'open' ? 'open' : 'closed',
  title: pull.title,
  body: pull.body,
  head: pull.head.ref,
  labels: pull.labels.map((label) => label.name),
  createdAt: new Date(pull.created_at),
});

/** What a publication asks and tells GitHub, in the words of the project. Everything thrown is an error of the table. */
export class Pulls {
  readonly #github: GitHub;
  readonly #at: GitHubAddress;
  readonly #request: PublishRequest;

  constructor(github: GitHub, at: GitHubAddress, request: PublishRequest) {
    this.#github = github;
    this.#at = at;
    this.#request = request;
  }

  /** The newest pull request of the branch, whatever its state; an open one before all others. */
  async ofBranch(): Promise<Pull | null> {
    const head = `${this.#at.owner}:${this.#request.branch}`;
    const found = await this.#ask(() =>
      this.#github.pulls.list({ ...this.#at, ...this.#options, head, state: 'all', per_page: 100 }),
    );
    const pulls = found.data.map(pullOf).sort((a, b) => b.number - a.number);
    return pulls.find(({ state }) => state === 'open') ?? pulls[0] ?? null;
  }

  /** Changes of ours that are open, and those that were offered since an instant. */
  async ours(since: Date): Promise<{ readonly open: readonly Pull[]; readonly recent: readonly Pull[] }> {
    const mine = ({ head, body }: Pull) =>
      head.startsWith(this.#request.rules.branchPrefix) && readMarker(body)?.task !== STATUS_TASK;
    const open = await this.#ask(() =>
      this.#github.paginate(this.#github.pulls.list, { ...this.#at, ...this.#options, state: 'open', per_page: 100 }),
    );
    const latest = await this.#ask(() =>
      this.#github.pulls.list({
        ...this.#at,
        ...this.#options,
        state: 'all',
        sort: 'created',
        direction: 'desc',
        per_page: 100,
      }),
    );
    return {
      open: open.map(pullOf).filter(mine),
      recent: latest.data.map(pullOf).filter((pull) => mine(pull) && pull.createdAt > since),
    };
  }

  /** null: somebody was faster, and there is one already. */
  async create(title: string, body: string): Promise<Pull | null> {
    const { branch, offer, rules } = this.#request;
    const values = { title, body, head: branch, base: offer.base, draft: rules.draft };
    try {
      return pullOf((await this.#github.pulls.create({ ...this.#at, ...this.#options, ...values })).data as ListedPull);
    } catch (error) {
      const failure = failureOf(error);
      if (failure?.status === 422 && failure.errors.some(({ message }) => /already exists/i.test(message ?? '')))
        return null;
      throw githubError(error, this.#at, branch);
    }
  }

  async update(number: number, values: { readonly title?: string; readonly body?: string }): Promise<void> {
    await this.#ask(() => this.#github.pulls.update({ ...this.#at, ...this.#options, pull_number: number, ...values }));
  }

  /** Labels and reviewers are for people's order: what GitHub refuses of them is told, and the offer stands. */
  async decorate(number: number): Promise<readonly string[]> {
    const { labels, reviewers } = this.#request.rules;
    const refused: string[] = [];
    const attempt = async (what: string, work: () => Promise<unknown>) => {
      await work().catch((error: unknown) => {
        const failure = failureOf(error);
        const mapped = githubError(error, this.#at, this.#request.branch);
        const forbidden = mapped instanceof AppError && mapped.code === 'GITHUB_FORBIDDEN';
        if (!forbidden && failure?.status !== 422 && failure?.status !== 404) throw mapped;
        refused.push(`${what}: ${forbidden ? mapped.detail.reason : failure?.message}`);
      });
    };
    const issue = { ...this.#at, ...this.#options, issue_number: number };
    if (labels.length > 0)
      await attempt('labels', () => this.#github.issues.addLabels({ ...issue, labels: [...labels] }));
    if (reviewers.length > 0) {
      const pull = { ...this.#at, ...this.#options, pull_number: number };
      await attempt('reviewers', () => this.#github.pulls.requestReviewers({ ...pull, ...splitReviewers(reviewers) }));
    }
    return refused;
  }

  async removeLabel(number: number, name: string): Promise<void> {
    const issue = { ...this.#at, ...this.#options, issue_number: number };
    await this.#github.issues.removeLabel({ ...issue, name }).catch((error: unknown) => {
      if (failureOf(error)?.status !== 404) throw githubError(error, this.#at, this.#request.branch);
    });
  }

  get #options() {
    return { request: { signal: this.#request.signal } };
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    this.#request.signal.throwIfAborted();
    return work().catch((error: unknown) => {
      this.#request.signal.throwIfAborted();
      throw githubError(error, this.#at, this.#request.branch);
    });
  }
}

/** `team:name` asks a team. */
function splitReviewers(names: readonly string[]) {
  const teams = names.filter((name) => name.startsWith('team:')).map((name) => name.slice('team:'.length));
  return { reviewers: names.filter((name) => !name.startsWith('team:')), team_reviewers: teams };
}
