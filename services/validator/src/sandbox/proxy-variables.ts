import { BOX } from './box-layout.ts';

/** Where a command in the box finds the proxy: on its own loopback interface. */
const PORT = '3128';
export const PROXY_SOCKET = '/box/proxy.sock';
const URL = `http://127.0.0.1:${PORT}`;

/** In front of the command: the relay from the loopback interface to the socket. */
export const relayed = (argv: readonly string[]): string[] => [
  'node',
  `${BOX.kit}/relay.mjs`,
  PORT,
  PROXY_SOCKET,
  ...argv,
];

/** The proxy in every form that a package manager looks for it. Each replaces what a file of the machine says. */
export function proxyVariables(env: Readonly<Record<string, string>>): Record<string, string> {
  const variables: Record<string, string> = {
    PIP_PROXY: URL,
    CARGO_HTTP_PROXY: URL,
    YARN_HTTP_PROXY: URL,
    YARN_HTTPS_PROXY: URL,
    npm_config_proxy: URL,
    npm_config_https_proxy: URL,
    npm_config_noproxy: '',
    JAVA_TOOL_OPTIONS: [env.JAVA_TOOL_OPTIONS ?? '', ...JVM].join(' ').trim(),
  };
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) {
    variables[name] = URL;
    variables[name.toLowerCase()] = URL;
  }
  for (const name of ['NO_PROXY', 'no_proxy']) variables[name] = '';
  return variables;
}

const JVM = [
  ...['http', 'https'].flatMap((scheme) => [`-D${scheme}.proxyHost=127.0.0.1`, `-D${scheme}.proxyPort=${PORT}`]),
  '-Dhttp.nonProxyHosts=',
  // Maven from 3.9 on asks for the JVM's settings only then.
  '-Daether.connector.http.useSystemProperties=true',
];
