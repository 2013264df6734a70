import { AppError } from '../errors/app-error.ts';
import { githubAccess } from '../github/access.ts';
import type { GitHubAddress } from '../github/address.ts';
import { GitHubWait } from '../github/github-error.ts';
import type { GitHubEnvironment } from '../github/has-github.ts';
import { placeOf } from '../github/place.ts';
import { markBody, readMarker, wantsRebuild } from '../github/pull-marker.ts';
import { platformOrigin } from '../repo/credential.ts';
import type { Mirror } from '../repo/mirror.ts';
import type { Platform, Published, PublishRequest } from './platform.ts';
import { type Pull, Pulls } from './pulls.ts';

type Remote = Pick<Mirror, 'remoteBranch' | 'push'>;

const HOUR_MS = 3_600_000;
/** Pull requests end when people have time: looked at again after this. */
const OPEN_LIMIT_WAIT_MS = 10 * 60_000;

/**
 * One pull request a task, ever. The platform is asked first: an open one of the branch is adopted and updated in place,
 * a closed one means no until the task's text changes, a commit of somebody else means hands off until a person asks for
 * a rebuild by label or box. A crash between push and creation leaves our commit on the branch, which the next try finds.
 */
export function githubPlatform(address: GitHubAddress, env: GitHubEnvironment): Platform {
  return {
    id: 'github',
    async publish(request) {
      const github = githubAccess(env).client(address);
      const place = await placeOf(github, address);
      const pulls = new Pulls(github, place, request);
      const remote = remoteAt(request.mirror, address, place, env.GITHUB_API_URL);
      const existing = await pulls.ofBranch();
      const open = existing?.state === 'open' ? existing : null;
      if (existing && !open) refuseWhatWasEnded(existing, request);
      if (!open) await withinLimits(pulls, request);
      await setBranch(pulls, remote, open, request);
      const body = markBody(request.offer.body, { task: request.offer.taskKey, text: request.offer.textHash });
      if (open) return adopt(pulls, open, body, request);
      await request.confirmHeld();
      const created = await pulls.create(request.offer.title, body);
      if (created) {
        const refused = await pulls.decorate(created.number);
        return { ...published(created), refused };
      }
      const other = await pulls.ofBranch();
      if (other?.state !== 'open')
        throw new AppError('PUBLISH_FAILED', {
          branch: request.branch,
          reason: 'GitHub says that a pull request exists, and shows none',
        });
      return adopt(pulls, other, body, request);
    },
  };
}

const published = ({ number, url, state }: Pull): Published => ({ place: 'pull_request', state, number, url });

/** A person who closed or merged it has decided about this text of the task; a new text, or their own wish, is another matter. */
function refuseWhatWasEnded({ number, state, body }: Pull, { offer }: PublishRequest): void {
  const marker = readMarker(body);
  if (marker?.ended === 'superseded') return;
  const sameText = marker === null || (marker.task === offer.taskKey && marker.text === offer.textHash);
  if (sameText && !offer.askedFor) throw new AppError('PUBLISH_CLOSED', { number, state, task: offer.taskKey });
}

async function withinLimits(pulls: Pulls, { rules }: PublishRequest): Promise<void> {
  const { open, recent } = await pulls.ours(new Date(Date.now() - HOUR_MS));
  if (open.length >= rules.maxOpen)
    throw new GitHubWait('PUBLISH_LIMIT', new Date(Date.now() + OPEN_LIMIT_WAIT_MS), {
      count: open.length,
      what: 'open',
    });
  if (recent.length >= rules.maxPerHour) {
    const freed = recent.map(({ createdAt }) => createdAt.getTime() + HOUR_MS).sort((a, b) => a - b);
    const until = new Date((freed[recent.length - rules.maxPerHour] ?? Date.now()) + 1_000);
    throw new GitHubWait('PUBLISH_LIMIT', until, { count: recent.length, what: 'less than an hour old' });
  }
}

/** What was moved is pushed to where it is now. Over ssh the platform itself leads there. */
function remoteAt(mirror: Mirror, address: GitHubAddress, place: GitHubAddress, apiUrl: string): Remote {
  const isMoved = `${address.owner}/${address.repo}`.toLowerCase() !== `${place.owner}/${place.repo}`.toLowerCase();
  if (!isMoved || !/^https?:/.test(mirror.identity.url)) return mirror;
  return mirror.elsewhere(`${platformOrigin(apiUrl)}/${place.owner}/${place.repo}.git`);
}

async function setBranch(pulls: Pulls, remote: Remote, open: Pull | null, request: PublishRequest): Promise<void> {
  const { branch, headCommit, rules, signal } = request;
  const before = await remote.remoteBranch(branch, signal);
  if (before === headCommit) return;
  if (before !== null && !(await request.isOurs(before))) {
    const asked = open !== null && (wantsRebuild(open.body) || open.labels.includes(rules.rebuildLabel));
    if (!asked) throw new AppError('PUBLISH_FOREIGN_COMMIT', { branch, commit: before });
  }
  await request.confirmHeld();
  await remote.push(branch, headCommit, before, signal);
  if (open?.labels.includes(rules.rebuildLabel)) await pulls.removeLabel(open.number, rules.rebuildLabel);
}

/** Writes what changed and nothing else: people's edits of a title or body stay while ours is as it was. */
async function adopt(
  pulls: Pulls,
  pull: Pull,
  body: string,
  { offer, confirmHeld }: PublishRequest,
): Promise<Published> {
  const marker = readMarker(pull.body);
  const sameBody = marker !== null && marker.fingerprint === readMarker(body)?.fingerprint && !wantsRebuild(pull.body);
  const sameText = marker?.text === offer.textHash;
  const title = sameText || pull.title === offer.title ? {} : { title: offer.title };
  const values = { ...title, ...(sameBody ? {} : { body }) };
  if (Object.keys(values).length > 0) {
    await confirmHeld();
    await pulls.update(pull.number, values);
  }
  return published(pull);
}
