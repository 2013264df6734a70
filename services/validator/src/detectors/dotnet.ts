import { join } from 'node:path/posix';
import { withDependents } from '../dependents.ts';
import type { Detector } from '../detector.ts';
import { dotnetProjects, INHERITED, PROJECT } from '../dotnet-projects.ts';
import { moduleFolder } from '../module-folder.ts';

/** A .NET solution or project with the SDK of the machine. Prepare restores the packages; runs build and test without. */
export default {
  id: 'dotnet',
  manifests: (files) => files.filter((path) => PROJECT.test(path) || INHERITED.test(path)).slice(0, 400),
  detect(project) {
    const files = [...project.files];
    const root = files.filter((path) => !path.includes('/') && (/\.slnx?$/.test(path) || PROJECT.test(path)));
    const target = root.find((path) => /\.slnx?$/.test(path)) ?? root[0];
    if (target === undefined) return null;
    const cwd = project.root;
    const folder = moduleFolder(files, project.module);
    const projects = dotnetProjects(project);
    const tested = folder === null ? [] : withDependents(folder, projects);
    // A project's tests are projects of their own that need it: without one it can only be tested with everything.
    const narrowed = tested.some((each) => each.folder === folder) && tested.some((each) => each.isTest);
    const targets = narrowed ? tested.map((each) => each.path) : [target];
    const tests = narrowed
      ? tested.filter((each) => each.isTest).map((each) => each.path)
      : projects.some((each) => each.isTest)
        ? [target]
        : [];
    const quiet = ['--nologo', '--verbosity', 'quiet'] as const;
    return {
      ...(narrowed ? { roots: tested.map((each) => join(cwd, each.folder)) } : {}),
      tools: ['dotnet'],
      prepare: [{ step: 'prepare', cwd, argv: ['dotnet', 'restore', target, ...quiet] }],
      build: targets.map((path) => ({
        step: 'build' as const,
        cwd,
        argv: ['dotnet', 'build', '--no-restore', path, ...quiet] as const,
      })),
      test: tests.map((path) => ({
        step: 'test' as const,
        cwd,
        argv: ['dotnet', 'test', '--no-build', '--logger', 'trx', '--results-directory', '{reports}', path] as const,
      })),
      reports: [{ format: 'trx', glob: '{reports}/*.trx' }],
      env: ENV,
      prepareEnv: ENV,
      caches: {
        keyFiles: files
          .filter(
            (path) =>
              PROJECT.test(path) ||
              /\.slnx?$|(^|\/)(?:packages\.lock\.json|[Nn]u[Gg]et\.[Cc]onfig|global\.json|Directory\.(?:Build|Packages)\.props)$/.test(
                path,
              ),
          )
          .map((path) => join(cwd, path)),
        outputs: [join(cwd, '**/obj')],
        folders: [{ path: 'nuget', mode: 'readonly' }],
      },
    };
  },
} satisfies Detector;

const ENV = {
  NUGET_PACKAGES: '{cache}/nuget',
  DOTNET_CLI_HOME: '{home}',
  DOTNET_CLI_TELEMETRY_OPTOUT: '1',
  DOTNET_NOLOGO: '1',
  DOTNET_SKIP_FIRST_TIME_EXPERIENCE: '1',
  MSBUILDDISABLENODEREUSE: '1',
} as const;
