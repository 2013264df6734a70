import { join } from 'node:path/posix';
import type { Detector, Project } from '../detector.ts';
import { moduleFolder } from '../module-folder.ts';

/** Cargo.toml. Prepare fetches the crates and compiles the base, so that runs only compile what changed. */
export default {
  id: 'cargo',
  manifests: (files) => files.filter((path) => /(^|\/)Cargo\.toml$/.test(path)).slice(0, 200),
  detect(project) {
    if (!project.files.has('Cargo.toml')) return null;
    const cwd = project.root;
    const inWorkspace = /^\s*\[workspace\]/m.test(project.read('Cargo.toml') ?? '');
    const member = inWorkspace ? memberOf(project) : null;
    const workspace = member !== null ? ['-p', member.name] : inWorkspace ? ['--workspace'] : [];
    const locked = project.files.has('Cargo.lock') ? ['--locked'] : [];
    const env = {
      CARGO_HOME: '{cache}/cargo',
      CARGO_TARGET_DIR: '{cache}/target',
      CARGO_TERM_COLOR: 'never',
      RUST_BACKTRACE: '0',
    };
    return {
      ...(member === null ? {} : { roots: [join(cwd, member.folder)] }),
      tools: ['cargo', 'rustc'],
      prepare: [
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
        { step: 'prepare', cwd, argv: ['rm', '-f', '{cache}/cargo/credentials.toml', '{cache}/cargo/credentials'] },
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

/** The package of the workspace that the task's module names, by its folder or its name. */
function memberOf({ files, module, read }: Project): { readonly name: string; readonly folder: string } | null {
  const packages = [...files]
    .filter((path) => path.endsWith('/Cargo.toml'))
    .flatMap((path) => {
      const name = /^\s*\[package\][^[]*?^\s*name\s*=\s*"([^"]+)"/m.exec(read(path) ?? '')?.[1];
      return name === undefined ? [] : [{ name, folder: path.slice(0, -'/Cargo.toml'.length) }];
    });
  const folder = moduleFolder(files, module);
  return packages.find((each) => each.folder === folder) ?? packages.find((each) => each.name === module) ?? null;
}
