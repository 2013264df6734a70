import { join } from 'node:path/posix';
import type { Detector } from '../detector.ts';

/** Cargo.toml. Prepare fetches the crates and compiles the base, so that runs only compile what changed. */
export default {
  id: 'cargo',
  manifests: (files) => files.filter((path) => path === 'Cargo.toml' || path === 'Cargo.lock'),
  detect(project) {
    if (!project.files.has('Cargo.toml')) return null;
    const cwd = project.root;
    const workspace = /^\s*\[workspace\]/m.test(project.read('Cargo.toml') ?? '') ? ['--workspace'] : [];
    const locked = project.files.has('Cargo.lock') ? ['--locked'] : [];
    const env = {
      CARGO_HOME: '{cache}/cargo',
      CARGO_TARGET_DIR: '{cache}/target',
      CARGO_TERM_COLOR: 'never',
      RUST_BACKTRACE: '0',
    };
    return {
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
          argv: ['sh', '-c', 'cargo test --offline --no-run "$@" >/dev/null 2>&1 || true', 'cargo', ...workspace],
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
