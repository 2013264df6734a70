import { join } from 'node:path/posix';
import { type CargoMember, cargoMembers, MAX_CARGO_MANIFESTS } from '../cargo-members.ts';
import { withDependents } from '../dependents.ts';
import type { Detector, Project } from '../detector.ts';
import { moduleFolder } from '../module-folder.ts';
import type { RecipeCommand } from '../recipe.ts';

/** Cargo.toml. Prepare fetches the crates and compiles the base, so that runs only compile what changed. */
export default {
  id: 'cargo',
  manifests: (files) => files.filter((path) => /(^|\/)Cargo\.toml$/.test(path)).slice(0, MAX_CARGO_MANIFESTS),
  detect(project) {
    if (!project.files.has('Cargo.toml')) return null;
    const cwd = project.root;
    const inWorkspace = /^\s*\[workspace\]/m.test(project.read('Cargo.toml') ?? '');
    const tested = inWorkspace ? testedMembers(project) : null;
    const workspace = tested?.flatMap(({ name }) => ['-p', name]) ?? (inWorkspace ? ['--workspace'] : []);
    const locked = project.files.has('Cargo.lock') ? ['--locked'] : [];
    const env = {
      CARGO_HOME: '{cache}/cargo',
      CARGO_TARGET_DIR: '{cache}/target',
      CARGO_TERM_COLOR: 'never',
      RUST_BACKTRACE: '0',
    };
    const fetch: RecipeCommand[] = [
      // The machine's configuration (mirrors, credentials) is found below the home folder; cargo looks in CARGO_HOME.
      {
        step: 'prepare',
        cwd,
        argv: [
          'sh',
          '-c',
          'mkdir -p "$CARGO_HOME" && for file in config.toml config credentials.toml; do if [ -f "$HOME/.cargo/$file" ]; then cp "$HOME/.cargo/$file" "$CARGO_HOME/$file"; fi; done',
        ],
      },
      { step: 'prepare', cwd, argv: ['cargo', 'fetch', ...locked] },
    ];
    const forget: RecipeCommand = {
      step: 'prepare',
      cwd,
      argv: ['rm', '-f', '{cache}/cargo/credentials.toml', '{cache}/cargo/credentials'],
    };
    return {
      ...(tested === null ? {} : { roots: tested.map(({ folder }) => join(cwd, folder)) }),
      tools: ['cargo', 'rustc'],
      fetch: [...fetch, forget],
      prepare: [
        ...fetch,
        {
          step: 'prepare',
          cwd,
          argv: [
            'sh',
            '-c',
            'cargo test --offline --no-run "$@" >/dev/null 2>&1 || true',
            'cargo',
            ...(inWorkspace ? ['--workspace'] : []),
          ],
        },
        forget,
      ],
      build: [{ step: 'build', cwd, argv: ['cargo', 'build', '--offline', '--all-targets', ...locked, ...workspace] }],
      test: [
        {
          step: 'test',
          cwd,
          argv: ['cargo', 'test', '--offline', '--no-fail-fast', ...locked, ...workspace],
          parse: 'libtest',
        },
      ],
      reports: [],
      env: { ...env, CARGO_NET_OFFLINE: 'true' },
      prepareEnv: env,
      caches: {
        keyFiles: [...project.files]
          .filter((path) => /(^|\/)Cargo\.(toml|lock)$|^\.cargo\/config|^rust-toolchain/.test(path))
          .map((path) => join(cwd, path)),
        outputs: [],
        folders: [
          { path: 'cargo', mode: 'copy' },
          { path: 'target', mode: 'copy' },
        ],
      },
    };
  },
} satisfies Detector;

/** The package that the task's module names, by its folder or its name, and those that need it; null: the whole. */
function testedMembers(project: Project): readonly CargoMember[] | null {
  const members = cargoMembers(project);
  const folder = moduleFolder(project.files, project.module);
  const named =
    members?.find((each) => each.folder === folder) ?? members?.find((each) => each.name === project.module);
  // The package at the root of the workspace cannot be told from the whole by its folder.
  if (members === null || named === undefined || named.folder === '') return null;
  const tested = withDependents(named.folder, members);
  return tested.some((each) => each.folder === '') ? null : tested;
}
