import { join } from 'node:path/posix';
import type { Detector } from '../detector.ts';
import { moduleFolder } from '../module-folder.ts';

/**
 * A Gradle wrapper. Prepare lets the wrapper fetch Gradle, and an init script resolve every configuration, since Gradle
 * otherwise fetches some only when the tests run.
 */
export default {
  id: 'gradle',
  manifests: (files) =>
    files
      .filter((path) =>
        /(^|\/)(build|settings)\.gradle(\.kts)?$|(^|\/)gradle\.properties$|\.versions\.toml$|gradle-wrapper\.properties$/.test(
          path,
        ),
      )
      .slice(0, 200),
  detect(project) {
    if (!project.files.has('gradlew') || !project.files.has('gradle/wrapper/gradle-wrapper.properties')) return null;
    const cwd = project.root;
    const gradle = ['sh', './gradlew', '--no-daemon', '--console=plain'] as const;
    const folder = moduleFolder(project.files, project.module);
    const path = folder?.replaceAll('/', ':') ?? null;
    const settings = project.read('settings.gradle') ?? project.read('settings.gradle.kts') ?? '';
    const listed =
      path !== null && [`':${path}'`, `":${path}"`, `'${path}'`, `"${path}"`].some((text) => settings.includes(text));
    const task = (name: string) => (listed ? `:${path}:${name}` : name);
    const env = {
      GRADLE_USER_HOME: '{cache}/gradle',
      GRADLE_OPTS: '-XX:MaxRAM={memoryMb}m',
      JAVA_TOOL_OPTIONS: '-Djava.io.tmpdir=/tmp -Duser.home={home}',
    };
    return {
      ...(listed ? { roots: [join(cwd, folder as string)] } : {}),
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
