import type { RepositoryIdentity } from './identity.ts';

/** The token of the configured platform. It is offered to that platform's own address and to no other. */
export interface PlatformToken {
  /** The one for a repository, asked for before each use: it may end within the hour. */
  readonly token: (identity: RepositoryIdentity) => Promise<string>;
  /** GITHUB_API_URL. */
  readonly apiUrl: string;
}

/** Where people's browsers and git reach the platform whose API is at `apiUrl`. */
export function platformOrigin(apiUrl: string): string {
  const { protocol, host } = new URL(apiUrl);
  return host === 'api.github.com' ? 'https://github.com' : `${protocol}//${host}`;
}

/**
 * Environment through which git's credential helper finds user and password: the helper is a constant that prints two
 * variables, so no secret is in an argument, an address, a file or the mirror's configuration.
 */
export async function credentialEnvironment(
  identity: RepositoryIdentity,
  platform: PlatformToken | null,
): Promise<Record<string, string>> {
  if (identity.kind !== 'remote' || !/^https?:/.test(identity.url)) return {};
  const { origin } = new URL(identity.url);
  const isOwn = platform !== null && platformOrigin(platform.apiUrl) === origin;
  const credential =
    identity.credential ?? (isOwn ? { username: 'x-access-token', password: await platform.token(identity) } : null);
  if (credential === null) return {};
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `credential.${origin}.helper`,
    GIT_CONFIG_VALUE_0: '!printf \'username=%s\\npassword=%s\\n\' "$GIT_HELPER_USERNAME" "$GIT_HELPER_PASSWORD" && :',
    GIT_HELPER_USERNAME: credential.username,
    GIT_HELPER_PASSWORD: credential.password,
  };
}
