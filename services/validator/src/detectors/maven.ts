import { join } from 'node:path/posix';
import { withDependents } from '../dependents.ts';
import type { Detector } from '../detector.ts';
import { mavenModules } from '../maven-modules.ts';
import { moduleFolder } from '../module-folder.ts';

/** Where artefacts are kept in the box, in prepare and in runs. */
const REPOSITORY = '-Dmaven.repo.local={cache}/m2';

/**
 * pom.xml. Prepare goes as far as starting the tests of the base commit with a filter that none of them fits: only then
 * does Surefire fetch the provider for the test framework in use, which dependency:go-offline does not know of. Maven
 * notes from which remote each artefact came and refuses it offline under another configuration; the notes are removed,
 * because runs do not see the machine's settings (mirrors and their credentials).
 */
export default {
  id: 'maven',
  manifests: (files) => files.filter((path) => /(^|\/)pom\.xml$/.test(path)).slice(0, 200),
  detect(project) {
    if (!project.files.has('pom.xml')) return null;
    const cwd = project.root;
    const mvn =
      project.tools.has('mvn') || !project.files.has('mvnw') ? (['mvn'] as const) : (['sh', './mvnw'] as const);
    const common = ['-B', '-ntp', REPOSITORY] as const;
    const folder = moduleFolder(project.files, project.module);
    const modules = folder === null || !project.files.has(`${folder}/pom.xml`) ? null : mavenModules(project);
    const tested =
      folder === null || modules === null ? [] : withDependents(folder, modules).map((each) => each.folder);
    // Without a module that is the folder itself, the build does not know it; with the root's own, it is the whole.
    const narrowed = folder !== null && tested.includes(folder) && !tested.includes('');
    // With what they depend on, which has to be built as well.
    const part = narrowed ? ['-pl', tested.join(','), '-am'] : [];
    return {
      ...(narrowed ? { roots: tested.map((each) => join(cwd, each)) } : {}),
      tools: ['java', ...(mvn[0] === 'mvn' ? ['mvn'] : [])],
      prepare: [
        {
          step: 'prepare',
          cwd,
          argv: [
            ...mvn,
            ...common,
            ...PATIENCE,
            'test',
            '-Dtest=*#noSuchTest',
            '-DfailIfNoTests=false',
            '-Dsurefire.failIfNoSpecifiedTests=false',
            '-Dmaven.test.failure.ignore=true',
          ],
        },
        {
          step: 'prepare',
          cwd,
          argv: [
            'find',
            '{cache}/m2',
            '(',
            '-name',
            '_remote.repositories',
            '-o',
            '-name',
            '*.lastUpdated',
            ')',
            '-delete',
          ],
        },
      ],
      build: [{ step: 'build', cwd, argv: [...mvn, ...common, '-o', ...part, 'test-compile'] }],
      test: [{ step: 'test', cwd, argv: [...mvn, ...common, '-o', '-fae', ...part, 'test'] }],
      reports: [{ format: 'junit', glob: join(cwd, '**/target/surefire-reports/TEST-*.xml') }],
      env: JVM,
      prepareEnv: { ...JVM, MAVEN_USER_HOME: '{cache}/maven-home' },
      caches: {
        keyFiles: [...project.files]
          .filter((path) => /(^|\/)pom\.xml$|^\.mvn\//.test(path))
          .map((path) => join(cwd, path)),
        outputs: [],
        folders: [
          { path: 'm2', mode: 'copy' },
          { path: 'maven-home', mode: 'readonly' },
        ],
      },
    };
  },
} satisfies Detector;

/** A registry that stops answering in the middle is given up and asked again; Maven's own limit is half an hour. */
const PATIENCE = [
  '-Dmaven.wagon.rto=60000',
  '-Dmaven.wagon.http.retryHandler.count=3',
  '-Daether.connector.requestTimeout=60000',
] as const;

/** The heap is sized for the box, not for the machine: beyond it the JVM would be ended rather than collect. */
const JVM = { JAVA_TOOL_OPTIONS: '-XX:MaxRAM={memoryMb}m -Djava.io.tmpdir=/tmp -Duser.home={home}' } as const;
