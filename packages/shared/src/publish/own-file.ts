import { createHash } from 'node:crypto';
import type { OrchestratorConfig } from '../config/schema.ts';
import type { Mirror } from '../repo/mirror.ts';
import type { Platform, Published, PublishRequest } from './platform.ts';

/** A file that we write ourselves, of no task's change. */
export interface OwnFile {
  readonly path: string;
  readonly content: Buffer;
  readonly mode: '100644' | '100755';
  /** One line. */
  readonly message: string;
}

type Author = Pick<OrchestratorConfig['publish'], 'authorName' | 'authorEmail'>;

/** The commit of a file on top of another one. The same file on the same commit is the same commit. */
export async function commitOwnFile(
  mirror: Mirror,
  baseCommit: string,
  { path, content, mode, message }: OwnFile,
  { authorName, authorEmail }: Author,
): Promise<string> {
  const files = [{ op: 'write' as const, path, mode, contentBase64: content.toString('base64') }];
  const date = await mirror.commitDate(baseCommit);
  const options = { message: `${message}\n`, authorName, authorEmail, date };
  return mirror.commitChangeSet({ baseCommit, summary: message, files }, options);
}

export interface OwnOffer {
  readonly mirror: Mirror;
  /** What it is for, and on. */
  readonly head: { readonly branch: string; readonly commit: string };
  readonly headCommit: string;
  /** Behind publish.branchPrefix; no task can have this name. */
  readonly name: string;
  readonly taskKey: string;
  readonly title: string;
  readonly body: string;
  readonly content: Buffer;
  /** Commits of ours that the branch may hold. */
  readonly ours: readonly string[];
  readonly rules: PublishRequest['rules'] & Author & Pick<OrchestratorConfig['publish'], 'branchPrefix'>;
  readonly signal: AbortSignal;
}

/** Offers such a commit: as the one pull request of its branch, where the platform has them. Throws what publishing throws. */
export function offerOwnFile(platform: Platform, offer: OwnOffer): Promise<Published> {
  const { mirror, head, headCommit, name, taskKey, title, body, content, ours, rules, signal } = offer;
  return platform.publish({
    mirror,
    branch: `${rules.branchPrefix}${name}`,
    baseCommit: head.commit,
    headCommit,
    isOurs: async (commit) => ours.includes(commit),
    authorName: rules.authorName,
    authorEmail: rules.authorEmail,
    offer: {
      title,
      body,
      taskKey,
      textHash: createHash('sha256').update(content).digest('hex'),
      askedFor: false,
      base: head.branch,
    },
    rules,
    signal,
    confirmHeld: async () => signal.throwIfAborted(),
  });
}
