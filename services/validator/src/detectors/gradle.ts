import { join } from 'node:path/posix';
import { withDependents } from '../dependents.ts';
import type { Detector } from '../detector.ts';
import { BUILD_SCRIPT, gradleProjects } from '../gradle-projects.ts';
import { moduleFolder } from '../module-folder.ts';

/**
 * A Gradle wrapper. Prepare lets the wrapper fetch Gradle, and an init script resolve every configuration, since Gradle
 * otherwise fetches some only when the tests run.
 */
export default {
  id: 'gradle',
  manifests: (files) =>
    files
      .filter(
        (path) =>
          BUILD_SCRIPT.test(path) ||
          /(^|\/)gradle\.properties$|\.versions\.toml$|gradle-wrapper\.properties$/.test(path),
      )
      .slice(0, 400),
  detect(project) {
    if (!project.files.has('gradlew') || !project.files.has('gradle/wrapper/gradle-wrapper.properties')) return null;
    const cwd = project.root;
    const gradle = ['sh', './gradlew', '--no-daemon', '--console=plain'] as const;
    const folder = moduleFolder(project.files, project.module);
    const projects = folder === null ? null : gradleProjects(project);
    // With others that need it the whole is run: not all of them have to have these tasks.
    const tested = folder === null || projects === null ? [] : withDependents(folder, projects);
    const only = tested.length === 1 && tested[0]?.folder === folder ? tested[0] : null;
    const task = (name: string) => (only === null ? name : `${only.path}:${name}`);
    const env = {
      GRADLE_USER_HOME: '{cache}/gradle',
      GRADLE_OPTS: '-XX:MaxRAM={memoryMb}m',
      JAVA_TOOL_OPTIONS: '-Djava.io.tmpdir=/tmp -Duser.home={home}',
    };
    return {
      ...(only === null ? {} : { roots: [join(cwd, only.folder)] }),
      tools: ['java'],
      prepare: [
        {
          step: 'prepare',
          cwd,
          argv: [...gradle, '-I', '{kit}/resolve.gradle', 'resolveForOfflineRun', 'testClasses'],
        },
      ],
      build: [{ step: 'build', cwd, argv: [...gradle, '--offline', task('testClasses')] }],
      test: [{ step: 'test', cwd, argv: [...gradle, '--offline', '--continue', task('test')] }],
      reports: [{ format: 'junit', glob: join(cwd, '**/build/test-results/*/TEST-*.xml') }],
      env,
      prepareEnv: env,
      caches: {
        keyFiles: [...project.files]
          .filter((path) =>
            /\.gradle(\.kts)?$|gradle\.properties$|gradle-wrapper\.properties$|\.versions\.toml$|\.lockfile$|(^|\/)buildSrc\//.test(
              path,
            ),
          )
          .map((path) => join(cwd, path)),
        outputs: [],
        folders: [{ path: 'gradle', mode: 'copy' }],
      },
    };
  },
} satisfies Detector;
