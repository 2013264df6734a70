import { join } from 'node:path';
import type { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import { Specification } from '@orchestrator/shared/contracts/specification.ts';
import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import type { Check, CheckInput } from './check.ts';
import { loadFolder } from './load-folder.ts';

let checks: Promise<readonly Check[]> | null = null;

/** Every check of checks/ on a change. Nothing of the change is executed. */
export async function runChecks(
  { mirror, config, artifact }: Pick<StageContext, 'mirror' | 'config' | 'artifact'>,
  changeSet: ChangeSet,
  headCommit: string,
): Promise<Finding[]> {
  checks ??= loadFolder<Check>(join(import.meta.dirname, 'checks'));
  const before = await mirror.readFiles(
    changeSet.baseCommit,
    changeSet.files.map((file) => file.path),
  );
  const { addedLines, deletedLines } = await mirror.diffStat(changeSet.baseCommit, headCommit);
  const input: CheckInput = {
    changeSet,
    written: changeSet.files.flatMap((file) =>
      file.op === 'write'
        ? [
            {
              path: file.path,
              content: Buffer.from(file.contentBase64, 'base64'),
              before: before.get(file.path) ?? null,
            },
          ]
        : [],
    ),
    deleted: changeSet.files.flatMap((file) =>
      file.op === 'delete' ? [{ path: file.path, before: before.get(file.path) ?? null }] : [],
    ),
    changedLines: addedLines + deletedLines,
    specification: Specification.safeParse(await artifact('specification')).data ?? null,
    validate: config.validate,
  };
  return (await checks).flatMap((check) => [...check.run(input)]);
}
