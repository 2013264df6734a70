import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { ChangeSet, FileChange } from '@orchestrator/shared/contracts/change-set.ts';
import { Verdict } from '@orchestrator/shared/contracts/verdict.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { NewArtifact, Outcome } from '@orchestrator/shared/pipeline/outcome.ts';
import type { StageContext, StageDefinition } from '@orchestrator/shared/pipeline/stage.ts';
import { openMirror } from '@orchestrator/shared/repo/open-mirror.ts';
import {
  createRepository,
  type TestFile,
  type TestRepository,
  temporaryFolder,
} from '@orchestrator/testkit/git/test-repository.ts';
import pino from 'pino';
import type { z } from 'zod';
import { baselineStage } from '../src/baseline-stage.ts';
import type { SandboxChoice } from '../src/sandbox/choose-sandbox.ts';
import { validateStage } from '../src/validate-stage.ts';

const log = pino({ level: 'silent' });

export interface StageHarness {
  readonly repository: TestRepository;
  readonly home: string;
  readonly context: StageContext;
  readonly progressed: string[];
  /** Runs the baseline stage and stores what it gives. */
  baseline(choice?: SandboxChoice): Promise<Outcome>;
  readonly choice: SandboxChoice;
  /** Stores a change set for the round and runs the validate stage on it. */
  validate(files: Readonly<Record<string, string | null>>, round?: number): Promise<Outcome>;
  /** Stores a specification that names these files to be updated. */
  specify(paths: readonly string[], design?: string): void;
  /** As when the lease is lost. */
  abort(): void;
  remove(): void;
}

/** A real repository, mirror and database around the two stages; only the pipeline's own bookkeeping is left out. */
export async function stageHarness(
  db: Database,
  files: Readonly<Record<string, TestFile>>,
  options: {
    readonly config?: z.input<typeof OrchestratorConfig>;
    readonly module?: string;
    readonly choice?: SandboxChoice;
  } = {},
): Promise<StageHarness> {
  const folder = temporaryFolder();
  const repository = createRepository(join(folder.path, 'target'));
  const baseCommit = repository.commit(files);
  const home = join(folder.path, 'home');
  const mirror = await openMirror({ repo: repository.path, home, log });
  const row = await db.repository.create({ data: { url: repository.path, name: 'target', defaultBranch: 'main' } });
  const config = OrchestratorConfig.parse(options.config ?? {});
  const artifacts = new Map<string, unknown>();
  const progressed: string[] = [];
  const controller = new AbortController();
  const contextFor = (round: number): StageContext => ({
    run: { id: '3c0d6a0e-6b0f-4f56-9f60-5d9f2f3a0001', baseCommit, round, branch: 'ai/task' },
    task: {
      id: randomUUID(),
      key: 'task',
      title: 'A task',
      body: '',
      module: options.module ?? null,
      language: null,
      criteria: [],
      documents: [],
    },
    repository: { id: row.id, url: repository.path, name: 'target', defaultBranch: 'main' },
    stageRun: { id: randomUUID(), stage: 'validate', round, fence: 1n },
    config,
    env: readEnvironment({ ORCHESTRATOR_HOME: home }, folder.path),
    db,
    mirror,
    get models(): never {
      throw new Error('the validator asks no model');
    },
    artifact: async (kind, wanted) => artifacts.get(`${kind} ${wanted ?? ''}`) ?? null,
    signal: controller.signal,
    confirmHeld: async () => {},
    log,
    progress: (text) => progressed.push(text),
  });
  const store = (round: number, made: readonly NewArtifact[]) => {
    // As the database gives it back: JSON.
    for (const { kind, content } of made)
      for (const at of ['', String(round)]) artifacts.set(`${kind} ${at}`, JSON.parse(JSON.stringify(content)));
  };
  const run = async (stage: StageDefinition, round: number) => {
    const outcome = await stage.process(contextFor(round));
    if ('artifacts' in outcome) store(round, outcome.artifacts);
    return outcome;
  };
  return {
    repository,
    home,
    context: contextFor(1),
    progressed,
    choice: options.choice ?? {},
    baseline: (choice = options.choice) => run(baselineStage(choice), 1),
    validate: async (changes, round = 1) => {
      store(round, [{ kind: 'change_set', content: changeSetOf(baseCommit, changes) }]);
      return run(validateStage(options.choice), round);
    },
    specify: (paths, design = '') =>
      store(1, [
        {
          kind: 'specification',
          content: {
            summary: 'A change',
            design,
            filesToChange: paths.map((path) => ({ path, action: 'update', why: 'the task says so' })),
            filesToRead: [],
            tests: [],
            criteria: [],
            risks: [],
          },
        },
      ]),
    abort: () => controller.abort(new Error('the lease is lost')),
    remove: () => {
      controller.abort();
      folder.remove();
    },
  };
}

/** Contents by path; null deletes. */
export function changeSetOf(baseCommit: string, changes: Readonly<Record<string, string | null>>): ChangeSet {
  const files = Object.entries(changes).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    baseCommit,
    summary: 'A change',
    files: files.map(
      ([path, content]): FileChange =>
        content === null
          ? { op: 'delete', path }
          : { op: 'write', path, mode: '100644', contentBase64: Buffer.from(content).toString('base64') },
    ),
  };
}

/** The verdict among what a stage gives, as the database would hand it on. */
export function verdictOf(outcome: Outcome): Verdict {
  if (!('artifacts' in outcome)) throw new Error(`a stage that ends with ${outcome.kind} gives no verdict`);
  return Verdict.parse(JSON.parse(JSON.stringify(outcome.artifacts.find(({ kind }) => kind === 'verdict')?.content)));
}
