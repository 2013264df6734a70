import { join } from 'node:path/posix';
import type { Detector } from '../detector.ts';
import { moduleFolder } from '../module-folder.ts';

const PROJECT = /\.(?:cs|fs|vb)proj$/;

/** A .NET solution or project with the SDK of the machine. Prepare restores the packages; runs build and test without. */
export default {
  id: 'dotnet',
  manifests: (files) => files.filter((path) => PROJECT.test(path)).slice(0, 200),
  detect(project) {
    const files = [...project.files];
    const root = files.filter((path) => !path.includes('/') && (/\.slnx?$/.test(path) || PROJECT.test(path)));
    const target = root.find((path) => /\.slnx?$/.test(path)) ?? root[0];
    if (target === undefined) return null;
    const cwd = project.root;
    const folder = moduleFolder(files, project.module);
    const part =
      folder === null
        ? undefined
        : files.find((path) => PROJECT.test(path) && path.slice(0, path.lastIndexOf('/')) === folder);
    const tested = part ?? target;
    const quiet = ['--nologo', '--verbosity', 'quiet'] as const;
    const isTested = files.some(
      (path) => PROJECT.test(path) && /Microsoft\.NET\.Test\.Sdk|IsTestProject/.test(project.read(path) ?? ''),
    );
    return {
      // A project's tests are projects of their own: only one that has them can be tested by itself.
      ...(part === undefined ? {} : { roots: [join(cwd, folder as string)] }),
      tools: ['dotnet'],
      prepare: [{ step: 'prepare', cwd, argv: ['dotnet', 'restore', target, ...quiet] }],
      build: [{ step: 'build', cwd, argv: ['dotnet', 'build', '--no-restore', tested, ...quiet] }],
      test: isTested
        ? [
            {
              step: 'test',
              cwd,
              argv: ['dotnet', 'test', '--no-build', '--logger', 'trx', '--results-directory', '{reports}', tested],
            },
          ]
        : [],
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
