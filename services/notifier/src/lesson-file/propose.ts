import { type BuiltOn, builtOn } from '@orchestrator/shared/boot/built-on.ts';
import type { Repositories } from '@orchestrator/shared/boot/repositories.ts';
import type { Environment } from '@orchestrator/shared/config/environment.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { LESSONS_FILE, parseLessons } from '@orchestrator/shared/lessons/file/format.ts';
import { desiredFile, readFileState, takeOverEdits, writeFileState } from '@orchestrator/shared/lessons/file/sync.ts';
import { commitOwnFile, offerOwnFile } from '@orchestrator/shared/publish/own-file.ts';
import type { Published } from '@orchestrator/shared/publish/platform.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { choosePlatform } from '../platforms/choose-platform.ts';
import { oneAtATime } from '../publish/one-at-a-time.ts';

export interface ProposeOptions {
  readonly db: Database;
  readonly env: Environment;
  readonly repositories: Repositories;
  readonly repository: { readonly id: string; readonly url: string };
  readonly signal: AbortSignal;
}

/** No task can have this id: theirs hold no plus. */
const BRANCH = 'lessons+file';
const FILE = { path: LESSONS_FILE, mode: '100644' } as const;
const MAX_FILE_BYTES = 1_000_000;
/** Commits of ours that are still known as such when the branch is moved. */
const KEPT_COMMITS = 50;

/**
 * Proposes the lessons as a file, where that is wanted and says something that neither the branch nor the last proposal
 * does. null: nothing was to be proposed. Throws what platforms throw.
 */
export async function proposeLessons(options: ProposeOptions): Promise<Published | null> {
  const { repositories, repository, signal } = options;
  const mirror = await repositories.mirror(repository.url, signal);
  if ((await builtOn(repositories, mirror)).loaded.config.lessons.file === 'off') return null;
  await mirror.refresh(signal);
  const head = await builtOn(repositories, mirror);
  if (head.loaded.config.lessons.file === 'off') return null;
  return oneAtATime(options.db, repository.id, () => propose(options, mirror, head));
}

async function propose(
  { db, env, repository, signal }: ProposeOptions,
  mirror: Mirror,
  head: BuiltOn,
): Promise<Published | null> {
  const { config } = head.loaded;
  const { halfLifeDays } = config.lessons;
  const present = (await mirror.readFile(head.commit, LESSONS_FILE, MAX_FILE_BYTES))?.toString('utf8') ?? null;
  // What people wrote there comes first: otherwise it would be proposed to be undone.
  await takeOverEdits(db, repository.id, present, halfLifeDays);
  const text = await desiredFile(db, repository.id, halfLifeDays);
  const { proposed, commits } = await readFileState(db, repository.id);
  if (text === proposed || text === present || (present === null && parseLessons(text).length === 0)) return null;
  const { publish: rules } = config;
  const content = Buffer.from(text);
  const message = `Keep what was learned in ${LESSONS_FILE}`;
  const headCommit = await commitOwnFile(mirror, head.commit, { ...FILE, content, message }, rules);
  // Before anything is pushed: after a crash in between the commit is still known as ours.
  await writeFileState(db, repository.id, {
    commits: [...commits.filter((each) => each !== headCommit), headCommit].slice(-KEPT_COMMITS),
  });
  const published = await offerOwnFile(await choosePlatform(mirror.identity, env), {
    mirror,
    head,
    headCommit,
    name: BRANCH,
    taskKey: BRANCH,
    title: 'Keep what was learned',
    body: bodyOf(present, text),
    content,
    ours: [...commits, headCommit],
    rules,
    signal,
  });
  await writeFileState(db, repository.id, { proposed: text });
  return published;
}

function bodyOf(present: string | null, text: string): string {
  const before = new Set(parseLessons(present ?? '').map((lesson) => lesson.text));
  const after = parseLessons(text).map((lesson) => lesson.text);
  const added = after.filter((lesson) => !before.has(lesson)).length;
  const gone = [...before].filter((lesson) => !after.includes(lesson)).length;
  return [
    `What merged, edited and rejected changes taught, as \`${LESSONS_FILE}\`: ${added} new or reworded, ${gone} dropped, ${after.length} in all.`,
    'Edit the file here or after merging: a line that you delete is not used any more, one that you change is used as you wrote it, one that you add is used as well. Closing this changes nothing about what is used; `orchestrator lessons` shows it.',
  ].join('\n\n');
}
