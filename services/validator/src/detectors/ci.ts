import type { Detector } from '../detector.ts';
import type { RecipeCommand } from '../recipe.ts';
import { WORKFLOW, workflowCommands } from '../workflow-commands.ts';

/** Only what is plainly a build or a test of the repository itself, and nothing for which a shell would have to be read. */
const TEST =
  /^(?:sh |bash )?(?:\.\/)?[\w./-]*(?:test|check|spec)[\w./-]*(?: [\w./=:-]+)*$|^(?:ctest|meson test|bazel test|just test|task test|rake(?: test| spec)?|bundle exec (?:rake|rspec)|mix test|swift test|zig build test|sbt test|lein test|stack test|cabal test|dart test|composer test|phpunit|vendor\/bin\/phpunit)(?: [\w./=:-]+)*$/;
const BUILD =
  /^(?:cmake|meson (?:setup|compile)|ninja|bazel build|just build|task build|mix compile|swift build|zig build|sbt compile|stack build|cabal build|(?:sh |bash )?\.\/[\w./-]*build[\w./-]*)(?: [\w./=:-]+)*$/;
const MAX_COMMANDS = 5;

/** What the workflows of .github/workflows run, where the repository has nothing that another detector knows. */
export default {
  id: 'ci',
  fallback: 2,
  manifests: (files) => files.filter((path) => WORKFLOW.test(path)),
  detect(project) {
    if (project.root !== '') return null;
    const lines = [...new Set(workflowCommands(project))];
    const commands = (step: RecipeCommand['step'], wanted: RegExp): RecipeCommand[] =>
      lines
        .filter((line) => wanted.test(line))
        .slice(0, MAX_COMMANDS)
        .map((line) => ({
          step,
          cwd: '',
          argv: line.split(/\s+/) as [string, ...string[]],
          ...(step === 'test' ? { parse: 'tap' as const } : {}),
        }));
    const test = commands('test', TEST);
    if (test.length === 0) return null;
    return {
      tools: [],
      prepare: [],
      build: commands('build', BUILD),
      test,
      reports: [],
      env: {},
      prepareEnv: {},
      caches: { keyFiles: [], outputs: [], folders: [] },
    };
  },
} satisfies Detector;
