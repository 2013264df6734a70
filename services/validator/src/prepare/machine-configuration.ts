import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { BoxLayout, Mount } from '../sandbox/sandbox.ts';
import { hostsIn } from './network-rules.ts';

/**
 * How this machine's package managers reach their registries: mirrors, certificates, credentials. Given to the prepare
 * phase, which fetches what the base commit asks for, and to nothing else. Proxies are not: prepare-proxy.ts uses them.
 */
export interface MachineConfiguration {
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  /** host:port of every URL in it: registries, mirrors, indexes. */
  readonly hosts: ReadonlySet<string>;
}

const VARIABLES =
  /^(npm_config_(registry|cafile|ca|strict_ssl|globalconfig|userconfig)|NPM_CONFIG_(REGISTRY|CAFILE|STRICT_SSL)|NODE_EXTRA_CA_CERTS|YARN_(NPM_)?REGISTRY.*|PIP_(INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|CERT|TRUSTED_HOST|DEFAULT_TIMEOUT|CONFIG_FILE|NO_INDEX)|UV_(INDEX_URL|DEFAULT_INDEX|INDEX|EXTRA_INDEX_URL|FIND_LINKS)|GO(PROXY|SUMDB|NOSUMDB|NOSUMCHECK|PRIVATE|NOPROXY|INSECURE)|CARGO_(HTTP|NET|REGISTRIES|REGISTRY|SOURCE)_\w+|MAVEN_OPTS|MAVEN_ARGS|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)$/;

/** Files of the home folder, at the same place in the box's home. */
const FILES = [
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  '.config/pnpm/rc',
  '.m2/settings.xml',
  '.m2/settings-security.xml',
  '.config/pip/pip.conf',
  '.pip/pip.conf',
  '.config/uv/uv.toml',
  '.gradle/gradle.properties',
  '.gradle/init.gradle',
  '.config/go/env',
] as const;
/** Of CARGO_HOME, which the recipe moves: these follow it. */
const CARGO_FILES = ['config.toml', 'config', 'credentials.toml'] as const;
const SYSTEM_FILES = ['/etc/pip.conf', '/etc/npmrc'] as const;
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * Copies the files into `folder`, since the sandbox's user may not read the originals. The caller removes the folder as
 * soon as prepare has ended.
 */
export async function machineConfiguration(folder: string, layout: BoxLayout): Promise<MachineConfiguration> {
  const env: Record<string, string> = {};
  const mounts: Mount[] = [];
  const hosts = new Set<string>();
  const nameHosts = (text: string) => {
    for (const host of hostsIn(text)) hosts.add(host);
  };
  for (const [name, value] of Object.entries(process.env))
    if (value && VARIABLES.test(name)) {
      env[name] = value;
      nameHosts(value);
    }

  const give = async (from: string, to: string) => {
    const found = await stat(from).catch(() => null);
    if (!found?.isFile() || found.size > MAX_FILE_BYTES) return;
    const copy = join(folder, to.replaceAll('/', '_'));
    await mkdir(folder, { recursive: true });
    await copyFile(from, copy);
    nameHosts(await readFile(copy, 'latin1'));
    mounts.push({ from: copy, to });
  };
  for (const file of FILES) await give(join(homedir(), file), join(layout.home, file));
  for (const file of CARGO_FILES)
    await give(join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), file), join(layout.home, '.cargo', file));
  for (const file of SYSTEM_FILES) await give(file, file);
  // npm looks for its global file beside the Node that runs it; in the box that is ours, not the machine's.
  const globalFile =
    env.npm_config_globalconfig ??
    [join('/usr', 'etc/npmrc'), join('/usr/local', 'etc/npmrc')].find((path) => existsSync(path));
  if (globalFile !== undefined) {
    await give(globalFile, join(layout.home, '.npmrc-global'));
    env.npm_config_globalconfig = join(layout.home, '.npmrc-global');
  }
  for (const name of [
    'npm_config_userconfig',
    'NODE_EXTRA_CA_CERTS',
    'PIP_CONFIG_FILE',
    'SSL_CERT_FILE',
    'REQUESTS_CA_BUNDLE',
    'CURL_CA_BUNDLE',
    'PIP_CERT',
    'npm_config_cafile',
  ]) {
    const file = env[name];
    if (file === undefined || file.startsWith('/etc/ssl/') || file.startsWith('/usr/')) continue;
    const to = join(layout.home, '.machine', name.toLowerCase());
    await give(file, to);
    env[name] = to;
  }
  return { env, mounts, hosts };
}
