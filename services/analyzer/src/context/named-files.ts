import type { TaskView } from '@orchestrator/shared/pipeline/stage.ts';
import type { Mentions } from './mentions.ts';

/** A bare file name that more files share than this says nothing. */
const MAX_SAME_NAME = 3;

/**
 * The files that the task itself points at, with the reason, most explicit first: Related Documentation, then paths and
 * file names in its text. `paths`: the whole tree. What the task names and the tree lacks is in `absent`.
 */
export function namedFiles(task: TaskView, mentions: Mentions, paths: readonly string[]) {
  const named = new Map<string, string>();
  const absent: string[] = [];
  const known = new Set(paths);
  const byName = Map.groupBy(paths, (path) => path.slice(path.lastIndexOf('/') + 1));

  const find = (written: string): readonly string[] => {
    const path = written.replace(/^\.?\//, '').replace(/\/$/, '');
    if (known.has(path)) return [path];
    const below = task.module && `${task.module}/${path}`;
    if (below && known.has(below)) return [below];
    const name = path.slice(path.lastIndexOf('/') + 1);
    const ending = (byName.get(name) ?? []).filter((candidate) => candidate === path || candidate.endsWith(`/${path}`));
    return ending.length <= MAX_SAME_NAME ? ending : [];
  };

  for (const document of task.documents) {
    const found = find(document.replace(/#.*$/, ''));
    if (found.length === 0 && !/^[a-z]+:/i.test(document)) absent.push(document);
    for (const path of found) named.set(path, 'related documentation');
  }
  for (const mention of mentions.paths) {
    for (const path of find(mention)) if (!named.has(path)) named.set(path, 'named by the task');
  }
  return { named, absent };
}
