/** `local`: a path of this machine; `network`: https, http, ssh and git URLs; `none`: no other repository is talked to. */
export type GitTransport = 'none' | 'local' | 'network';

const ALLOWED_PROTOCOLS = { none: 'none', local: 'file', network: 'https:http:ssh:git' } as const satisfies Record<
  GitTransport,
  string
>;

/** What git needs of the machine: to find programs, keys of ssh, proxies and certificates. */
const INHERITED = [
  'PATH',
  'TMPDIR',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'https_proxy',
  'http_proxy',
  'all_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
];
const INHERITED_FOR_NETWORK = ['HOME', 'SSH_AUTH_SOCK'];

/** The literal environment of every git process: no user or system configuration, no prompt, no other transport. */
export function gitEnvironment(transport: GitTransport = 'none'): Record<string, string> {
  const env: Record<string, string> = {
    LC_ALL: 'C',
    HOME: '/nonexistent',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_ALLOW_PROTOCOL: ALLOWED_PROTOCOLS[transport],
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=10',
    GIT_ADVICE: '0',
  };
  const inherited = transport === 'network' ? [...INHERITED, ...INHERITED_FOR_NETWORK] : INHERITED;
  // The search path and proxies are the machine's, not the program's configuration: environment.ts does not hold them.
  for (const name of inherited) if (process.env[name]) env[name] = process.env[name];
  return env;
}
