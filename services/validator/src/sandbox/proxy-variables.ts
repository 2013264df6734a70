import { BOX } from './box-layout.ts';

/** Where a command in the box finds the proxy: on its own loopback interface. */
const PORT = 3128;
export const PROXY_SOCKET = '/box/proxy.sock';

/** In front of the command: the relay from the loopback interface to the socket. */
export const relayed = (
  argv: readonly string[],
  { kit, port, socketPath }: Relay = { kit: BOX.kit, port: PORT, socketPath: PROXY_SOCKET },
): string[] => ['node', `${kit}/relay.mjs`, String(port), socketPath, ...argv];

export interface Relay {
  readonly kit: string;
  readonly port: number;
  readonly socketPath: string;
}

/** The proxy in every form that a package manager looks for it. Each replaces what a file of the machine says. */
export function proxyVariables(env: Readonly<Record<string, string>>, port = PORT): Record<string, string> {
  const url = `http://127.0.0.1:${port}`;
  const variables: Record<string, string> = {
    PIP_PROXY: url,
    CARGO_HTTP_PROXY: url,
    YARN_HTTP_PROXY: url,
    YARN_HTTPS_PROXY: url,
    npm_config_proxy: url,
    npm_config_https_proxy: url,
    npm_config_noproxy: '',
    JAVA_TOOL_OPTIONS: [env.JAVA_TOOL_OPTIONS ?? '', ...jvm(port)].join(' ').trim(),
  };
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) {
    variables[name] = url;
    variables[name.toLowerCase()] = url;
  }
  for (const name of ['NO_PROXY', 'no_proxy']) variables[name] = '';
  return variables;
}

const jvm = (port: number): string[] => [
  ...['http', 'https'].flatMap((scheme) => [`-D${scheme}.proxyHost=127.0.0.1`, `-D${scheme}.proxyPort=${port}`]),
  '-Dhttp.nonProxyHosts=',
  // Maven from 3.9 on asks for the JVM's settings only then.
  '-Daether.connector.http.useSystemProperties=true',
];
