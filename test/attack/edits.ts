import type { ChangeSet } from '../../packages/shared/src/contracts/change-set.ts';
import { applyReply } from '../../services/coder/src/apply-reply.ts';
import type { GuardResult } from '../../services/coder/src/guard/apply-edits.ts';
import { readBaseFiles } from '../../services/coder/src/guard/base-files.ts';
import type { RejectionCode } from '../../services/coder/src/guard/rejection.ts';
import { verdictOf } from '../../services/validator/test/stage-harness.ts';
import type { Attack, AttackCase } from './attack-case.ts';

const MAX_READ_BYTES = 5_000_000;

/** What the coder's guard makes of a model's answer, on the real base commit. */
export async function guard(
  { harness }: Pick<Attack, 'harness'>,
  reply: string,
  previous: ChangeSet | null = null,
): Promise<{ result: GuardResult; tookMs: number }> {
  const { mirror, run } = harness.context;
  const tree = await mirror.listFiles(run.baseCommit);
  const files = await readBaseFiles(
    mirror,
    run.baseCommit,
    tree,
    tree.map((file) => file.path),
    MAX_READ_BYTES,
  );
  // It does not wait for anything, so nothing else runs meanwhile.
  const began = process.cpuUsage();
  const result = applyReply({ reply, files, previous });
  const { user, system } = process.cpuUsage(began);
  return { result, tookMs: (user + system) / 1_000 };
}

export interface RefusedReply extends Omit<AttackCase, 'run'> {
  readonly reply: string | ((attack: Attack) => string);
  /** One of these has to be among the reasons. */
  readonly codes: readonly RejectionCode[];
  /** Words that the model is told. */
  readonly told?: RegExp;
  /** Time of the processor in which it has to be refused. */
  readonly withinMs?: number;
}

/** An answer of a model that has to be refused as a whole, with a reason. */
export function refusedReply({ reply, codes, told, withinMs, ...rest }: RefusedReply): AttackCase {
  return {
    ...rest,
    async run(attack) {
      const text = typeof reply === 'function' ? reply(attack) : reply;
      const { result, tookMs } = await guard(attack, text);
      if (result.ok)
        return [
          `was applied: ${result.changeSet.files
            .map(({ path }) => path)
            .join(', ')
            .slice(0, 200)}`,
        ];
      attack.record(JSON.stringify(result));
      const found = result.rejections.map(({ code }) => code);
      return [
        ...(codes.some((code) => found.includes(code))
          ? []
          : [`refused by ${found.join(', ')}, not ${codes.join(' or ')}`]),
        ...(told === undefined ||
        result.rejections.some(({ problem, nearest }) => told.test(problem + JSON.stringify(nearest)))
          ? []
          : ['the reason is not told']),
        ...(withinMs !== undefined && tookMs > withinMs ? [`it took ${Math.round(tookMs)} ms`] : []),
      ];
    },
  };
}

export interface RefusedChange extends Omit<AttackCase, 'run'> {
  readonly files:
    | Readonly<Record<string, string | null>>
    | ((attack: Attack) => Readonly<Record<string, string | null>>);
  /** A finding that the verdict must have. */
  readonly code: string;
}

/** A change set that came past the guard, and that the validator has to refuse without running anything. */
export function refusedChange({ files, code, ...rest }: RefusedChange): AttackCase {
  return {
    ...rest,
    async run(attack) {
      const outcome = await attack.harness.validate(typeof files === 'function' ? files(attack) : files);
      attack.record(outcome);
      const verdict = verdictOf(outcome);
      const codes = verdict.findings.map((finding) => finding.code);
      return [
        ...(verdict.passed ? ['it passed'] : []),
        ...(verdict.run === null ? [] : ['something was executed']),
        ...(codes.includes(code) ? [] : [`no finding ${code}, but ${codes.join(', ')}`]),
      ];
    },
  };
}

export const addFile = (path: string, text = 'x'): string =>
  `*** Begin Patch\n*** Add File: ${path}\n${text.replace(/^/gm, '+')}\n*** End Patch`;
export const updateFile = (path: string, hunks: string): string =>
  `*** Begin Patch\n*** Update File: ${path}\n${hunks}\n*** End Patch`;
