import { z } from 'zod';
import { EVENT_TYPES } from '../contracts/events.ts';
import { CatalogOverride, Role } from './models.ts';
import { Phases } from './phases.ts';
import { Dashboard, Publish } from './publish.ts';
import { Duration } from './values.ts';

export { CatalogOverride } from './models.ts';
export { Phase } from './phases.ts';
export { Duration, Usd } from './values.ts';

/**
 * orchestrator.yaml: behaviour. Read from the base commit of the target repository (never from a change), then
 * overridden by the operator's own ORCHESTRATOR_HOME/orchestrator.yaml. Every key has a default and a description:
 * docs/configuration.md and the JSON Schema are written from this file, and a test compares them.
 */

const strict = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape);

const Command = z.union(
  [z.string().min(1), z.array(z.string()).min(1)],
  'must be a command: text for a shell, or a list of arguments',
);
const Commands = z.array(Command).optional();

const PROTECTED_PATHS = [
  '.github/**',
  '.gitlab-ci.yml',
  '.circleci/**',
  'Jenkinsfile',
  'azure-pipelines.yml',
  'bitbucket-pipelines.yml',
  '.travis.yml',
  '.drone.yml',
  '.buildkite/**',
  '.husky/**',
  '.githooks/**',
  '.pre-commit-config.yaml',
  '.devcontainer/**',
  '**/.gitmodules',
  '**/.gitattributes',
  '**/.npmrc',
  '**/.yarnrc*',
  '**/.yarn/releases/**',
  '**/.yarn/plugins/**',
  '**/.pnpmfile.*',
  '**/.cargo/**',
  '**/pip.conf',
  '**/.mvn/**',
  '**/gradle/wrapper/**',
  '**/gradlew',
  '**/gradlew.bat',
  '**/mvnw',
  '**/mvnw.cmd',
  'Dockerfile*',
  '**/Dockerfile',
  '**/docker-compose*.y*ml',
  '**/compose.y*ml',
  'AGENTS.md',
  'CLAUDE.md',
  '.claude/**',
  '.cursor/**',
  '.orchestrator/**',
  'orchestrator.yaml',
];

const SENT_EVENTS: (typeof EVENT_TYPES)[number][] = [
  'run.started',
  'run.specified',
  'run.coded',
  'run.validated',
  'run.published',
  'run.rejected',
  'run.failed',
  'run.parked',
  'budget.alert',
  'budget.phase',
  'budget.frozen',
  'milestone',
  'tasks.invalid',
];

const Names = z.array(z.string().min(1)).default([]);

const Mention = strict({
  events: z.array(z.enum(EVENT_TYPES)).min(1).describe('Events that call somebody.'),
  codes: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Only where an event names one of these error codes, such as `CRASHED`. Absent: always.'),
  discord: z
    .array(z.string().regex(/^(role|user):\d{1,20}$/, 'is not role:<id> or user:<id>'))
    .default([])
    .describe('`role:<id>` or `user:<id>` of Discord.'),
  slack: z
    .array(
      z.string().regex(/^(here|channel|(user|group):[A-Z0-9]{1,20})$/, 'is not here, channel, user:<id> or group:<id>'),
    )
    .default([])
    .describe('`here`, `channel`, `user:<id>` or `group:<id>` of Slack.'),
});
export type Mention = z.infer<typeof Mention>;

const Suppression = strict({
  finding: z.string().min(1).describe('The check, the code or the rule that is meant (globs), such as `folia/*`.'),
  files: z.array(z.string().min(1)).min(1).optional().describe('Globs. Absent: wherever it is found.'),
  reason: z.string().min(1).describe('Why it does not count, for reviewers.'),
});

export const OrchestratorConfig = strict({
  repository: strict({
    branch: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe("The branch to read tasks from and to build on. `null`: the repository's default."),
  }).prefault({}),
  tasks: strict({
    file: z
      .string()
      .min(1)
      .default('docs/PLUGIN-TASKS.md')
      .describe('The Markdown file with the tasks, relative to the root of the repository.'),
    writeStatus: z
      .enum(['off', 'pull-request', 'commit'])
      .default('off')
      .describe(
        'Whether what became of tasks is written into that file on GitHub: not, by a pull request of its own, or by a commit.',
      ),
  }).prefault({}),
  budget: strict({
    phases: Phases.prefault([
      { name: 'launch', limit: { total: '30' }, days: 10, every: '30m' },
      { name: 'steady', limit: { perDay: '0.50' }, every: '3h30m' },
    ]).describe('One after the other, from the first start on. Every call of every repository counts against them.'),
    repositoryPhases: Phases.optional().describe(
      'What this repository may spend of that: phases of its own, in the same form. Absent: no limit besides `phases`.',
    ),
    alertPercents: z
      .array(z.number().int().min(1).max(100))
      .default([80, 90, 95])
      .describe('Percent of a window at which channels are told, once each.'),
    plannedRepairs: z
      .number()
      .int()
      .min(0)
      .max(10)
      .default(1)
      .describe('Repairs that admission plans for on top of one specification and one change.'),
  }).prefault({}),
  pipeline: strict({
    maxRounds: z
      .number()
      .int()
      .min(1)
      .max(20)
      .default(3)
      .describe('Rounds of coder and validator that a run may take.'),
    tasksPerTick: z.number().int().min(1).max(1000).default(1).describe('Tasks that one tick may admit.'),
    maxEditRetries: z
      .number()
      .int()
      .min(0)
      .max(5)
      .default(2)
      .describe(
        'How often, within a round, an answer that does not apply is sent back to the model. Each time is paid.',
      ),
    maxErrors: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(5)
      .describe('Errors of one stage, such as an unreachable vendor, before its run fails.'),
  }).prefault({}),
  models: strict({
    analyzer: Role(4_096, 24_000).prefault({}),
    coder: Role(8_192, 32_000).prefault({}),
    onRetired: z
      .enum(['replace', 'refuse'])
      .default('replace')
      .describe('A configured model past its end: `replace` uses its successor and says so, `refuse` stops.'),
    catalog: z
      .array(CatalogOverride)
      .prefault([])
      .describe('Models that are added to the catalog, or whose prices are overridden.'),
  }).prefault({}),
  validate: strict({
    prepare: Commands.describe(
      'Commands that fetch dependencies, as text (run by `sh -c`) or lists of arguments. Absent: detected.',
    ),
    build: Commands.describe('Commands that build, without network. Absent: detected.'),
    test: Commands.describe('Commands that test, without network. Absent: detected.'),
    reports: z
      .array(z.string().min(1))
      .optional()
      .describe('Globs of JUnit XML reports, relative to the root. Absent: detected.'),
    timeout: Duration.prefault('10m').describe('Each command.'),
    cpuTime: Duration.optional().describe('Processor time of a command and its children. Absent: 4 times `timeout`.'),
    memoryMb: z.number().int().min(64).default(2_048).describe('Memory of a command and its children.'),
    diskMb: z.number().int().min(16).default(2_048).describe('What a command may write.'),
    processes: z.number().int().min(8).default(512).describe('Processes and threads of a command.'),
    requireGreenBaseline: z
      .boolean()
      .default(true)
      .describe('A repository that is red before any change stops the run before it costs anything.'),
    requireFailingFirst: z
      .boolean()
      .default(false)
      .describe(
        'A change has to bring a test that fails without it: its tests are run against the base commit as well. Tests that are part of a source file, as in Rust, are not looked at.',
      ),
    protectedPaths: z.array(z.string().min(1)).default(PROTECTED_PATHS).describe('Globs that a change may not touch.'),
    scope: z
      .enum(['error', 'warning', 'off'])
      .default('error')
      .describe('A change to files that neither the specification names nor lie beside what it names.'),
    publicApi: z
      .enum(['error', 'warning', 'off'])
      .default('warning')
      .describe('A change that breaks users of the public API. What cannot be told is a warning in any case.'),
    rules: strict({
      on: Names.describe('Packs that look at every change, whether the repository shows signs of them or not.'),
      off: Names.describe('Packs and rules (`pack/rule`, globs) that do not look.'),
      warn: Names.describe('Packs and rules whose findings are warnings.'),
    }).prefault({}),
    dependencies: strict({
      added: z
        .enum(['error', 'warning', 'off'])
        .default('error')
        .describe('A dependency that the base commit does not have. It is fetched where that runs nothing of it.'),
      allow: Names.describe('Dependencies that may be added, by name (globs).'),
      hosts: Names.describe('Hosts that packages may come from, beside those of the base commit.'),
    }).prefault({}),
    suppress: z.array(Suppression).default([]).describe('Findings that do not count; they are shown with the reason.'),
    newSuppressions: z
      .enum(['refuse', 'allow'])
      .default('refuse')
      .describe('Comments that suppress findings and that the change itself adds.'),
    maxFiles: z.number().int().min(1).default(30).describe('Files of one change.'),
    maxChangedLines: z.number().int().min(1).default(2_000).describe('Lines added and removed by one change.'),
    maxFileBytes: z.number().int().min(1).default(1_000_000).describe('Bytes of one file that a change writes.'),
  }).prefault({}),
  sandbox: strict({
    minTier: z
      .union([z.literal(1), z.literal(2)], 'must be 1 or 2')
      .default(1)
      .describe(
        'The weakest sandbox that will do. 1: bubblewrap. 2: Landlock, a user of its own and a system call filter, where no user namespaces are allowed and the validator is root; see security.md.',
      ),
    prepareHosts: z
      .array(
        z
          .string()
          .regex(/^[a-z0-9.-]+(:\d{1,5})?$/, 'is no host or host:port, in small letters, such as nexus.corp:8081'),
      )
      .default([])
      .describe(
        'Hosts, or host:port, that the prepare step may reach although they lie in a private network or on another port. Public web servers and what the package managers of the machine are set to are reached anyway; this machine never.',
      ),
  }).prefault({}),
  publish: Publish.prefault({}),
  dashboard: Dashboard.prefault({}),
  lessons: strict({
    maxTokens: z
      .number()
      .int()
      .min(0)
      .max(10_000)
      .default(600)
      .describe('What lessons of earlier pull requests may take of a prompt. 0: none are shown.'),
    halfLifeDays: z
      .number()
      .int()
      .min(1)
      .max(3_650)
      .default(60)
      .describe('A lesson that nothing confirms loses half of its weight in this time.'),
    file: z
      .enum(['off', 'pull-request'])
      .default('off')
      .describe(
        '`pull-request`: the lessons are proposed as `.orchestrator/lessons.md`, and what people change there is taken over once it is on the branch.',
      ),
  }).prefault({}),
  notify: strict({
    events: z.array(z.enum(EVENT_TYPES)).default(SENT_EVENTS).describe('Events that are sent to the channels.'),
    discord: z
      .enum(['events', 'run', 'thread'])
      .default('events')
      .describe(
        'How Discord is told of runs. `events`: by messages, several events in one where they come together. `run`: one message a run, updated in place. `thread`: a thread a run; the webhook has to be that of a forum channel.',
      ),
    mentions: z
      .array(Mention)
      .default([])
      .describe('Who is called by which events. Nobody else is, whatever a text says.'),
  }).prefault({}),
});
export type OrchestratorConfig = z.infer<typeof OrchestratorConfig>;
