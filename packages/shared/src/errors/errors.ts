/**
 * Every error that users can see. docs/errors.md lists the same codes; a test compares the two.
 *
 * exit: the CLI's exit code (docs/exit-codes in docs/errors.md). retryable: whether the same stage may be tried again.
 */
interface ErrorRow {
  readonly message: string;
  readonly next: string;
  readonly retryable: boolean;
  readonly exit: number;
}

const row = (message: string, next: string, exit = 1, retryable = false): ErrorRow => ({
  message,
  next,
  exit,
  retryable,
});

export const ERRORS = {
  // Exit 1: something went wrong that is not one of the classes below.
  INTERNAL: row('{message}', 'Look at the log for the run; if it repeats, report it with the log line.', 1, true),
  CANCELLED: row('The run was cancelled.', 'Start it again with: orchestrator run --task {task}', 1),

  // Exit 2: the command line or the configuration is wrong.
  USAGE: row('{message}', 'See: orchestrator --help', 2),
  CONFIG_INVALID: row('{file}: {field}: {problem}', 'Correct the field; docs/configuration.md lists every key.', 2),
  RULES_INVALID: row('{file}: {field}: {problem}', 'Correct the rule; docs/checks.md describes the fields.', 2),
  ENV_INVALID: row(
    'Environment variable {name}: {problem}',
    'Correct the variable; docs/configuration.md lists every variable.',
    2,
  ),

  API_TOKEN_MISSING: row(
    '{address} can be reached from other machines, and no token is set.',
    'Set ORCHESTRATOR_API_TOKEN (or ORCHESTRATOR_API_TOKEN_FILE), or listen on 127.0.0.1 with ORCHESTRATOR_API_ADDRESS.',
    2,
  ),

  // Exit 3: the target repository or its task file cannot be used.
  REPO_NOT_FOUND: row('{repo} is not a git repository.', 'Give a folder with a .git, or a git URL, with --repo.', 3),
  REPO_UNREACHABLE: row(
    '{repo} cannot be fetched: {reason}',
    'Check the address and your access with: git ls-remote {repo}',
    3,
    true,
  ),
  REPO_EMPTY: row('{repo} has no commit.', 'Commit something on its default branch first.', 3),
  REPO_NO_DEFAULT_BRANCH: row(
    '{repo} has no default branch: {reason}',
    'Check out a branch there, or set repository.branch in orchestrator.yaml.',
    3,
  ),
  TASKS_NOT_FOUND: row(
    '{file} does not exist at {commit} of {repo}.',
    'Commit a task file there, or set tasks.file in orchestrator.yaml. docs/tasks.md shows the format.',
    3,
  ),
  TASKS_EMPTY: row(
    '{file} holds no task.',
    'Add a "## Task: title" heading with a TASK_ID marker. docs/tasks.md shows the format.',
    3,
  ),
  TASKS_INVALID: row('{problems} problem(s) in {file}', 'Correct the lines named; the other tasks run.', 3),
  TASK_UNKNOWN: row('There is no task {task}.', 'See the ids with: orchestrator tasks', 3),

  RUN_UNKNOWN: row('There is no run {run}.', 'See the ids with: orchestrator stats --json, or GET /api/runs', 3),
  LESSON_UNKNOWN: row(
    'There is no lesson {lesson}.',
    'See the ids with: orchestrator lessons --all, or GET /api/lessons',
    3,
  ),
  REPO_UNKNOWN: row('There is no repository {repository}.', 'See the ids with: GET /api/repositories', 3),

  // Exit 3: the state that runs in GitHub Actions keep on a branch.
  STATE_MISSING: row(
    '{repo} has no branch {branch}, so what has been spent is not known.',
    'The first time: start the workflow by hand with "begin" (orchestrator actions run --begin). If the branch was deleted, restore it: beginning anew begins the budget anew.',
    3,
  ),
  STATE_CORRUPT: row(
    'The state on {branch} ({commit}) cannot be used: {problem}',
    'Nothing was spent. Set the branch back to the commit before, which its activity on GitHub lists (docs/github.md).',
    3,
  ),
  STATE_VERSION: row(
    'The state on {branch} was written by a newer version: it is at {found}, this program knows {wanted}.',
    'Use that version of the action, or a newer one.',
    3,
  ),
  STATE_BUSY: row('Another run is at work: {by}, until {until}.', 'Wait until it has ended, or cancel it.', 3),
  STATE_MOVED: row(
    'The state on {branch} has changed since it was pulled.',
    'Pull it again, repeat what you did, and push: orchestrator state pull --replace',
    3,
  ),
  STATE_LOST: row(
    'The state on {branch} was taken over by {by}.',
    'Nothing is lost: that run goes on, and what this one had reserved counts as spent.',
    3,
  ),
  STATE_NOT_WRITTEN: row(
    'The branch {branch} of {repo} could not be written: {reason}',
    'Let the token push there (contents: write), and let no rule forbid to force-push {branch}. Without it nothing is spent.',
    3,
    true,
  ),

  // Exit 4: keys, models and vendors.
  KEY_MISSING: row(
    '{variable} is not set.',
    'Set it in the environment, or {variable}_FILE to a file that holds it.',
    4,
  ),
  KEY_REJECTED: row(
    '{provider} does not accept the key in {variable}.',
    'Check that the key is valid and belongs to the right project.',
    4,
  ),
  MODEL_UNKNOWN: row(
    '{model} is not in the model catalog, so its price is not known and it is not called.',
    'Choose a model that `orchestrator prices` lists, or add it under models.catalog in orchestrator.yaml.',
    4,
  ),
  MODEL_RETIRED: row('{model} was shut down on {date}.', 'Choose {successor}, or remove onRetired: refuse.', 4),
  MODEL_NOT_OFFERED: row(
    '{provider} does not offer {model} to this key: {reason}',
    'Choose another model with models.{role}.model in orchestrator.yaml, or give the key access to it.',
    4,
  ),
  MODEL_UNAVAILABLE: row(
    '{provider} did not answer: {reason}',
    "It is tried again by itself; check the vendor's status page if it goes on.",
    4,
    true,
  ),
  MODEL_RATE_LIMITED: row('{provider} asks to wait {waitMs} ms.', 'It goes on by itself.', 4, true),
  MODEL_REFUSED: row('{model} refused to answer: {reason}', 'Rewrite the task text so that its purpose is clear.', 4),
  MODEL_TRUNCATED: row(
    '{model} reached the limit of {maxOutputTokens} output tokens.',
    'Split the task, or raise models.{role}.maxOutputTokens.',
    4,
  ),
  MODEL_REPLY_INVALID: row(
    '{model} did not answer in the agreed form: {problem}',
    'See the model call of the run; docs/model-contract.md shows the form.',
    4,
  ),
  MODEL_NOT_AS_PRICED: row(
    '{provider} did not answer as {model} at the price that was reserved: {reason}',
    'The budget is frozen. Check models.{role}.model and the base URL, then run: orchestrator budget thaw',
    4,
  ),
  MODEL_REQUEST_REJECTED: row(
    '{provider} refused the request ({status}): {reason}',
    'Check the model and its options in orchestrator.yaml.',
    4,
  ),
  MODEL_SPEND_LIMIT: row(
    "{provider} reports that the account's own spend limit is reached.",
    "Raise the limit in the vendor's console.",
    4,
  ),

  // Exit 5: the budget says no, for now or for ever.
  BUDGET_WAIT_SETTLING: row('Calls in flight hold the rest of the budget.', 'It goes on by itself when they end.', 5),
  BUDGET_WAIT_WINDOW: row(
    'The budget of this window is spent; the next opens at {until}.',
    'It goes on by itself then. See: orchestrator budget',
    5,
  ),
  BUDGET_NEVER_FITS: row(
    'The call may cost {amount}, more than the limit of {limit} that the budget has.',
    'Raise the limit, lower maxOutputTokens, or split the task.',
    5,
  ),
  BUDGET_FROZEN: row(
    'The budget is frozen: {reason}',
    'See: orchestrator budget. It ends with the window, or by: orchestrator budget thaw',
    5,
  ),
  BUDGET_AUDIT: row(
    'The ledger and its counters differ: {problems} problem(s).',
    'Stop all services, keep the database, and report it.',
    5,
  ),

  // Exit 6: the machine lacks something.
  SANDBOX_UNAVAILABLE: row('No sandbox: {reason}', 'Nothing was executed. {fix}', 6),
  DATABASE_UNAVAILABLE: row(
    'The database cannot be reached: {reason}',
    'Check DATABASE_URL, or leave it unset to use the embedded one.',
    6,
    true,
  ),
  DATABASE_VERSION: row('The database is at {found}, the program needs {wanted}.', 'Run: orchestrator migrate', 6),
  QUEUE_UNAVAILABLE: row(
    'The queue cannot be reached: {reason}',
    'Check REDIS_URL, or leave it unset to use the embedded one.',
    6,
    true,
  ),
  HOME_NOT_WRITABLE: row(
    '{path} cannot be written: {reason}',
    'Set ORCHESTRATOR_HOME to a folder that you may write.',
    6,
  ),
  FOLDER_NOT_WRITABLE: row('{path} cannot be written: {reason}', 'Choose another folder with {option}.', 6),
  HOME_LOCKED: row(
    '{path} is in use by process {pid}.',
    'Stop that process, or set ORCHESTRATOR_HOME to another folder.',
    6,
  ),
  HOME_HAS_DATABASE: row(
    '{path} holds a database of its own.',
    'Give another folder with --home, or replace that database: orchestrator state pull --replace',
    6,
  ),
  DISK_FULL: row(
    'No space is left on the device of {path}.',
    'Free some space; nothing was lost, start again afterwards.',
    6,
    true,
  ),
  PORT_TAKEN: row('Port {port} on {host} is taken.', 'Stop what uses it, or choose another port with {option}.', 6),
  TOOL_MISSING: row('{tool} is not installed.', '{fix}', 6),

  // Exit 7: work that ended without a publishable change.
  BASELINE_RED: row(
    'The repository does not build or pass its tests before any change: {summary}',
    'Make {commit} green first, or set validate.requireGreenBaseline: false.',
    7,
  ),
  NO_COMMANDS: row(
    'No build or test command was found in {repo}.',
    'Set validate.build and validate.test in orchestrator.yaml.',
    7,
  ),
  EDIT_REJECTED: row(
    'The answer could not be applied: {problem}',
    'See the rejections of the run; the task may need to be smaller or clearer.',
    7,
  ),
  ROUNDS_EXHAUSTED: row(
    'The change did not pass in {rounds} round(s).',
    'See the last verdict of the run; make the task clearer or raise pipeline.maxRounds.',
    7,
  ),
  NO_PROGRESS: row(
    '{what} came back after a repair.',
    'See the last verdict and the rejections of the run; the task needs a person.',
    7,
  ),
  CRASHED: row('The stage {stage} died {crashes} time(s).', 'See the log; then: orchestrator run --task {task}', 7),
  ERRORS_EXHAUSTED: row(
    'The stage {stage} failed {errors} time(s): {last}',
    'See the log; then: orchestrator run --task {task}',
    7,
  ),

  // Answers of the HTTP API.
  API_UNAUTHORIZED: row(
    'A token is needed.',
    'Send ORCHESTRATOR_API_TOKEN as a bearer token; in a browser, as the password of any user.',
    1,
  ),
  API_FORBIDDEN: row('{problem}', 'Call the API from its own address, not from a page of another site.', 1),
  API_NOT_FOUND: row('There is no {method} {path}.', 'docs/operations.md lists the paths.', 1),
  API_REQUEST_INVALID: row('{problem}', 'Correct the request; the fields are named under errors.', 1),
  API_CONFLICT: row('{problem}', 'Look at its present state first.', 1),

  // Publishing and notifying.
  PUBLISH_FOREIGN_COMMIT: row(
    '{branch} holds a commit that is not ours ({commit}).',
    'Merge or delete the branch; it is left as it is.',
    7,
  ),
  PUBLISH_FAILED: row(
    '{branch} could not be published: {reason}',
    "Check the token's permissions and the remote.",
    7,
    true,
  ),
  PUBLISH_CLOSED: row(
    'Pull request {number} for this text of the task was {state}.',
    "It is not offered again until the task's text changes, or with: orchestrator retry {task}",
    7,
  ),
  PULL_REQUEST_CLOSED: row(
    'Pull request {number} was closed without merging.',
    "It is not offered again until the task's text changes, or with: orchestrator retry {task}",
    7,
  ),
  PULL_REQUEST_SUPERSEDED: row('Pull request {number} was closed by us: {reason}', 'Reopen it to keep it.', 7),
  RUN_SUPERSEDED: row('Run {run} of the same task replaced its change.', 'Look at that run.', 7),
  PUBLISH_LIMIT: row('{count} pull request(s) are {what}, the most that are allowed.', 'It goes on by itself.', 7),
  PUBLISH_BUSY: row('Another change of the repository is being published.', 'It goes on by itself.', 7),
  GITHUB_FORBIDDEN: row(
    '{repository} refuses this to the token: {reason}',
    'Give the token read and write access to contents and pull requests of the repository (docs/github.md).',
    4,
  ),
  GITHUB_NOT_FOUND: row(
    '{repository} is not there for the token.',
    'Was it renamed or deleted, or is it not among the repositories of the token? docs/github.md lists what is needed.',
    4,
  ),
  GITHUB_APP_NOT_INSTALLED: row(
    'The GitHub App is not installed where it could reach {repository}.',
    "Install it for the repository, or set GITHUB_APP_INSTALLATION_ID to its installation's number (docs/github.md).",
    4,
  ),
  GITHUB_RATE_LIMITED: row('GitHub asks to wait until {until}.', 'It goes on by itself.', 4),
  NOTIFY_FAILED: row(
    '{channel} did not take the message: {reason}',
    "Check the channel's address with: orchestrator notify test",
    1,
    true,
  ),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;
