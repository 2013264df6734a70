import { MAX_CRASHES } from '@orchestrator/shared/pipeline/claim.ts';
import {
  MACHINE,
  QUEUE_OF,
  type QueueName,
  type RunState,
  SETTLED_STATES,
  type Stage,
  type TransitionKind,
  transition,
} from '@orchestrator/shared/pipeline/machine.ts';

/**
 * What delivery should do, in plain objects: the reference of the model test. It shares with the real thing only the
 * table of transitions, which it follows.
 */
export const MAX_ERRORS = 3;

export interface ModelStage {
  readonly stage: Stage;
  readonly round: number;
  state: 'pending' | 'running' | 'succeeded' | 'failed' | 'dead' | 'cancelled';
  generation: number;
  published: boolean;
  /** Waits for an instant that has not come. */
  parked: boolean;
  fence: number;
  expired: boolean;
  errors: number;
  crashes: number;
}

export interface ModelRun {
  readonly repository: number;
  state: RunState;
  round: number;
  paused: boolean;
  cancelRequested: boolean;
  priority: number;
  readonly stages: ModelStage[];
}

/** A claim that some worker believes in. */
export interface ModelHold {
  readonly run: number;
  readonly stage: number;
  readonly fence: number;
}

export type End = TransitionKind | 'error' | 'wait' | 'release' | 'cancel';

export class DeliveryModel {
  readonly runs: ModelRun[];
  readonly pausedRepositories = new Set<number>();
  readonly pausedQueues = new Set<QueueName>();
  systemPaused = false;

  constructor(repositoryOf: readonly number[]) {
    this.runs = repositoryOf.map((repository) => ({
      repository,
      state: MACHINE.baseline.during,
      round: 1,
      paused: false,
      cancelRequested: false,
      priority: 0,
      stages: [fresh('baseline', 1)],
    }));
  }

  stageOf(run: number): ModelStage {
    return this.runs[run]?.stages.at(-1) as ModelStage;
  }

  held(run: number): boolean {
    const { repository, paused } = this.runs[run] as ModelRun;
    const queue = QUEUE_OF[this.stageOf(run).stage];
    return paused || this.systemPaused || this.pausedRepositories.has(repository) || this.pausedQueues.has(queue);
  }

  /** What a relay with room for everything publishes. */
  due(): number[] {
    return this.#runsWhere(
      (run, stage) => stage.state === 'pending' && !stage.published && !stage.parked && !this.held(run),
    );
  }

  onTheirWay(queue: QueueName): number {
    return this.#runsWhere(
      (_, { state, published, stage }) =>
        QUEUE_OF[stage] === queue && (state === 'running' || (state === 'pending' && published)),
    ).length;
  }

  claim(run: number, stageIndex: number): ModelHold | null {
    const { cancelRequested, stages } = this.runs[run] as ModelRun;
    const stage = stages[stageIndex] as ModelStage;
    const takeover = stage.state === 'running' && stage.expired && stage.crashes + 1 < MAX_CRASHES;
    if (!(stage.state === 'pending' && !stage.parked) && !takeover) return null;
    if (cancelRequested || this.held(run)) return null;
    if (takeover) stage.crashes += 1;
    Object.assign(stage, { state: 'running', expired: false, fence: stage.fence + 1 });
    return { run, stage: stageIndex, fence: stage.fence };
  }

  current({ run, stage, fence }: ModelHold): ModelStage | null {
    const found = this.runs[run]?.stages[stage] as ModelStage;
    return found.state === 'running' && found.fence === fence ? found : null;
  }

  renew(hold: ModelHold): 'held' | 'lost' | 'cancelled' {
    const stage = this.current(hold);
    if (!stage) return 'lost';
    stage.expired = false;
    return this.runs[hold.run]?.cancelRequested ? 'cancelled' : 'held';
  }

  /** false: the claim is stale, and nothing happens. */
  end(hold: ModelHold, how: End): boolean {
    const stage = this.current(hold);
    if (!stage) return false;
    const run = this.runs[hold.run] as ModelRun;
    if (how === 'wait') putBack(stage, true);
    else if (how === 'release') putBack(stage, false);
    else if (how === 'cancel') this.#settle(run, stage, 'cancelled', 'cancelled');
    else if (how === 'error') {
      stage.errors += 1;
      if (stage.errors < MAX_ERRORS) putBack(stage, true);
      else this.#settle(run, stage, 'dead', 'failed');
    } else {
      stage.state = how === 'fail' ? 'failed' : 'succeeded';
      const next = transition(stage.stage, stage.round, how);
      Object.assign(run, { state: next.state, round: next.round });
      if (next.stage) run.stages.push(fresh(next.stage, next.round));
    }
    return true;
  }

  sweep(): void {
    for (const [at, run] of this.runs.entries()) {
      const stage = this.stageOf(at);
      if (stage.state === 'running' && stage.expired) {
        stage.crashes += 1;
        if (stage.crashes < MAX_CRASHES) putBack(stage, false);
        else {
          Object.assign(stage, { generation: stage.generation + 1, published: false });
          this.#settle(run, stage, 'dead', 'failed');
        }
      }
      if (stage.state === 'pending' && run.cancelRequested) this.#settle(run, stage, 'cancelled', 'cancelled');
    }
  }

  /** Everything that was published and is pending, or of that what `which` says. */
  announceAgain(which: (run: number) => boolean): void {
    for (const run of this.#runsWhere((at, stage) => stage.state === 'pending' && stage.published && which(at))) {
      const stage = this.stageOf(run);
      Object.assign(stage, { generation: stage.generation + 1, published: false });
    }
  }

  cancel(run: number): boolean {
    const found = this.runs[run] as ModelRun;
    if (found.cancelRequested || settled(found)) return false;
    found.cancelRequested = true;
    return true;
  }

  replay(run: number): boolean {
    const found = this.runs[run] as ModelRun;
    const stage = this.stageOf(run);
    if (found.state !== 'failed' || (stage.state !== 'dead' && stage.state !== 'failed')) return false;
    putBack(stage, false);
    Object.assign(stage, { errors: 0, crashes: 0 });
    Object.assign(found, { state: MACHINE[stage.stage].during, cancelRequested: false });
    return true;
  }

  retryNow(run: number): boolean {
    const stage = this.stageOf(run);
    if (stage.state !== 'pending' || !stage.parked) return false;
    putBack(stage, false);
    return true;
  }

  get settled(): boolean {
    return this.runs.every(settled);
  }

  #settle(run: ModelRun, stage: ModelStage, stageState: ModelStage['state'], state: RunState): void {
    stage.state = stageState;
    run.state = state;
  }

  #runsWhere(fits: (run: number, stage: ModelStage) => boolean): number[] {
    return this.runs.flatMap((_, run) => (fits(run, this.stageOf(run)) ? [run] : []));
  }
}

const settled = ({ state }: ModelRun): boolean => SETTLED_STATES.includes(state);

function fresh(stage: Stage, round: number): ModelStage {
  return {
    stage,
    round,
    state: 'pending',
    generation: 1,
    published: false,
    parked: false,
    fence: 0,
    expired: false,
    errors: 0,
    crashes: 0,
  };
}

function putBack(stage: ModelStage, parked: boolean): void {
  Object.assign(stage, {
    state: 'pending',
    generation: stage.generation + 1,
    published: false,
    parked,
    expired: false,
  });
}
