import type { CommandResult, Verdict } from '../../packages/shared/src/contracts/verdict.ts';
import { verdictOf } from '../../services/validator/test/stage-harness.ts';
import type { Attack, AttackCase } from './attack-case.ts';

/** A change whose code attacks while it is tested. */
export interface BoxedAttack extends Omit<AttackCase, 'run'> {
  /** A shell script; `fails WHAT COMMAND...` tries what must not work. */
  readonly sh?: string | ((attack: Attack) => string);
  /** An ES module for Node; `fails(what, work)` tries what must not work. */
  readonly node?: string | ((attack: Attack) => string);
  /** Further files of the change. */
  readonly change?: Readonly<Record<string, string | null>>;
  /** How the test command ends: 'exit' unless a limit is the point. */
  readonly ended?: readonly CommandResult['ended'][];
  /** A finding that the verdict must have. */
  readonly code?: string;
  /** Default: true, unless `ended` or `code` says otherwise. `either`: being held is all that counts. */
  readonly passed?: boolean | 'either';
  /** A check may refuse the change before anything runs; that is as good. */
  readonly mayBeRefused?: boolean;
  /** What the output has to hold, as evidence that the attack ran. Default: that something was tried. */
  readonly says?: RegExp;
  /** The command must be over after so many milliseconds. */
  readonly withinMs?: number;
  /** Further conditions. */
  readonly also?: (verdict: Verdict, attack: Attack) => readonly string[] | Promise<readonly string[]>;
}

/** Every case's repository: its test runs a script that a change may replace. */
export const BASE = {
  Makefile: 'test:\n\t@sh ./test.sh\n',
  'test.sh': 'echo 1..1\nsh ./attack.sh\necho "ok 1 - works"\n',
  'attack.sh': 'echo nothing\n',
} as const;

const SHELL = `tried=0
fails() { what=$1; shift; if "$@" >/dev/null 2>&1; then echo "ESCAPED: $what"; fi; tried=$((tried + 1)); }
`;
const NODE = `let tried = 0;
const fails = async (what, work) => {
  tried++;
  try { const value = await work(); if (value !== false) console.log('ESCAPED: ' + what + ' ' + String(value ?? '').slice(0, 80)); } catch {}
};
`;

/** Runs the attack as a change through the validate stage. */
export function boxed({
  mayBeRefused = false,
  sh,
  node,
  change,
  ended,
  code,
  passed,
  says,
  withinMs,
  also,
  ...rest
}: BoxedAttack): AttackCase {
  const expectsEnd = ended ?? ['exit'];
  const mayPass = passed ?? (code === undefined && expectsEnd.join() === 'exit');
  return {
    ...rest,
    async run(attack) {
      const text = (script: typeof sh) => (typeof script === 'function' ? script(attack) : script);
      const files: Record<string, string | null> = { ...change };
      if (sh !== undefined) files['attack.sh'] = `${SHELL}${text(sh)}\necho "tried $tried"\n`;
      if (node !== undefined) {
        files['attack.sh'] = `exec node attack.mjs ${attack.marker}\n`;
        files['attack.mjs'] = `${NODE}${text(node)}\nconsole.log('tried ' + tried);\nprocess.exit(0);\n`;
      }
      const outcome = await attack.harness.validate(files);
      attack.record(outcome);
      const verdict = verdictOf(outcome);
      const command = verdict.run?.commands.at(-1);
      const output = command?.output ?? '';
      const problems = output.split('\n').filter((line) => line.startsWith('ESCAPED'));
      const codes = verdict.findings.map((finding) => finding.code);
      if (code !== undefined && !codes.includes(code))
        problems.push(`no finding ${code}, but ${codes.join(', ') || 'none'}`);
      if (mayPass !== 'either' && verdict.passed !== mayPass)
        problems.push(`passed is ${verdict.passed}: ${codes.join(', ')}`);
      if (command === undefined) {
        if (code === undefined && !mayBeRefused) problems.push(`nothing ran: ${codes.join(', ')}`);
        return [...problems, ...((await also?.(verdict, attack)) ?? [])];
      }
      if (!expectsEnd.includes(command.ended))
        problems.push(`it ended by ${command.ended}, not ${expectsEnd.join(' or ')}`);
      const evidence = says ?? (expectsEnd.includes('exit') ? /^tried [1-9]/m : null);
      if (evidence !== null && !evidence.test(output))
        problems.push(`no sign that it ran: ${output.trim().slice(-300)}`);
      if (withinMs !== undefined && command.durationMs > withinMs) problems.push(`it took ${command.durationMs} ms`);
      return [...problems, ...((await also?.(verdict, attack)) ?? [])];
    },
  };
}
