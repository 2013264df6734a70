import { z } from 'zod';

/** One located complaint of a check, a compiler or a test. `message` has no secrets and no ANSI codes. */
export const Finding = z.object({
  /** Which check found it: build, test, policy.protected_path, ... */
  check: z.string(),
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  file: z.string().optional(),
  line: z.number().int().positive().optional(),
  test: z.string().optional(),
});
export type Finding = z.infer<typeof Finding>;

export const TestStatus = z.enum(['passed', 'failed', 'skipped']);
/** One test of a report. `id` is stable between runs: suite and name. */
export const TestResult = z.object({
  id: z.string(),
  status: TestStatus,
  durationMs: z.number().nonnegative().optional(),
  message: z.string().optional(),
  file: z.string().optional(),
  line: z.number().int().positive().optional(),
});
export type TestResult = z.infer<typeof TestResult>;

/** One command that was run in the sandbox. `output` keeps head and tail. */
export const CommandResult = z.object({
  step: z.enum(['prepare', 'build', 'test']),
  argv: z.array(z.string()),
  /** Relative to the workspace. */
  cwd: z.string(),
  exitCode: z.number().int().nullable(),
  /** Why it was ended from outside, if it was. */
  ended: z.enum(['exit', 'timeout', 'memory', 'disk', 'output', 'processes', 'cpu', 'aborted']),
  durationMs: z.number().nonnegative(),
  output: z.string(),
});
export type CommandResult = z.infer<typeof CommandResult>;

export const SandboxInfo = z.object({
  tier: z.enum(['bubblewrap', 'landlock', 'seatbelt', 'none']),
  probes: z.record(z.string(), z.boolean()),
});
export type SandboxInfo = z.infer<typeof SandboxInfo>;

/** Where the prepare step went: host:port, each once; and what it was refused, with the reason. */
export const PrepareNetwork = z.object({ hosts: z.array(z.string()), refused: z.array(z.string()) });
export type PrepareNetwork = z.infer<typeof PrepareNetwork>;

export const TestTotals = z.object({ passed: z.number().int(), failed: z.number().int(), skipped: z.number().int() });

/** What a run shows beside its results: whether they can be believed. */
export const RunEvidence = z.object({
  /** Files in the fresh folder for reports that no command was to write. */
  foreignReports: z.array(z.string()),
  /** Ids that two report files give. */
  repeatedTests: z.array(z.string()),
  /** How many tests the runner said it ran, where it prints that beside its report. */
  printedTests: z.number().int().nullable(),
  /** Committed files that the commands changed or removed. */
  changedFiles: z.array(z.string()),
  /** Test commands that failed and reported no test that passed, by their place among the test commands. */
  commandsWithoutPass: z.array(z.number().int().nonnegative()).default([]),
});
export type RunEvidence = z.infer<typeof RunEvidence>;

/** What the class files say that a build made. */
export const ClassReport = z.object({
  /** The highest version of the class file format that occurs, such as 65 for Java 21, with a class that has it. */
  highest: z.object({ major: z.number().int(), className: z.string() }),
  /** References that checks look for. `file`: the source, where it could be told. */
  uses: z.array(z.object({ className: z.string(), file: z.string().nullable(), names: z.string() })),
  /** What other code can use: `class` and `class#member descriptor`. null: too much to keep. */
  api: z.array(z.string()).nullable(),
});
export type ClassReport = z.infer<typeof ClassReport>;

/** What the commands said at one commit. Cached for the base commit. */
export const CheckRun = z.object({
  commit: z.string(),
  detector: z.string(),
  commands: z.array(CommandResult),
  /** null: no report could be read, so only exit codes count. */
  tests: z.array(TestResult).nullable(),
  totals: TestTotals.nullable(),
  sandbox: SandboxInfo,
  evidence: RunEvidence.optional(),
  network: PrepareNetwork.optional(),
  /** null: no class file was made. */
  classes: ClassReport.nullable().optional(),
});
export type CheckRun = z.infer<typeof CheckRun>;

/** A pack of rules that looked at the change. `why`: what switched it on. */
export const AppliedPack = z.object({ id: z.string(), why: z.string() });
export type AppliedPack = z.infer<typeof AppliedPack>;

/** A finding that does not count, because configuration or a comment says so. */
export const SuppressedFinding = z.object({
  finding: Finding,
  by: z.enum(['configuration', 'comment']),
  reason: z.string(),
});
export type SuppressedFinding = z.infer<typeof SuppressedFinding>;

/** The runner's judgement of a change set, against the baseline. */
export const Verdict = z.object({
  passed: z.boolean(),
  findings: z.array(Finding),
  suppressed: z.array(SuppressedFinding).default([]),
  packs: z.array(AppliedPack).default([]),
  /** Hash of what failed, free of times and addresses; the same twice in a row stops the run. */
  fingerprint: z.string(),
  headCommit: z.string(),
  run: CheckRun.nullable(),
  baseTotals: TestTotals.nullable(),
  tests: z.object({
    newlyFailed: z.array(z.string()),
    knownFailed: z.array(z.string()),
    fixed: z.array(z.string()),
    flaky: z.array(z.string()),
    added: z.array(z.string()),
    missing: z.array(z.string()),
  }),
  /** At most 4,096 bytes of Markdown for the coder: first causes first. */
  feedback: z.string(),
});
export type Verdict = z.infer<typeof Verdict>;
