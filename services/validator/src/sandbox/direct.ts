import { delimiter } from 'node:path';
import { launch } from './launch.ts';
import { KIT_DIR, type Sandbox } from './sandbox.ts';
import { findToolchains, SYSTEM_PATH } from './toolchains.ts';

/**
 * No sandbox at all: the command runs as this process's user, with the network. Only for the example that the demo ships,
 * on a machine where bubblewrap cannot be installed; choose-sandbox.ts is the only one to use it.
 */
export function directSandbox(): Sandbox {
  return {
    info: { tier: 'none', probes: {} },
    layout: (folders) => ({ ...folders, kit: KIT_DIR }),
    open: async () => {
      const toolchains = await findToolchains();
      return {
        owner: null,
        release: async () => {},
        async run(run) {
          const { result } = await launch({
            run,
            argv: run.argv,
            cwd: `${run.workspaceDir}/${run.cwd}`,
            env: {
              LANG: 'C.UTF-8',
              TZ: 'UTC',
              CI: 'true',
              TERM: 'dumb',
              NO_COLOR: '1',
              HOME: run.workspaceDir,
              ...toolchains.env,
              ...run.env,
              PATH: [...(run.env.PATH?.split(delimiter) ?? []), ...toolchains.pathFolders, ...SYSTEM_PATH].join(
                delimiter,
              ),
            },
            watched: [run.workspaceDir],
          });
          return result;
        },
      };
    },
  };
}
