/** What the exit codes of the `orchestrator` command mean. Every error of errors.ts has one of them. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: 'The command did what it was asked to.',
  1: 'Something went wrong that no other code names.',
  2: 'The command line or the configuration is wrong.',
  3: 'The repository or its task file cannot be used.',
  4: 'A key, a model or a vendor is the problem.',
  5: 'The budget says no, for now or for ever.',
  6: 'The machine lacks something: a sandbox, a database, disk space, a port.',
  7: 'Work ended without a change that can be published.',
  130: 'Interrupted (Ctrl+C). What was in work goes on at the next start.',
};
