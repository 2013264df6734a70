import type { Environment } from '../config/environment.ts';

/** What decides who we are to GitHub. */
export type GitHubEnvironment = Pick<
  Environment,
  'GITHUB_TOKEN' | 'GITHUB_API_URL' | 'GITHUB_APP_ID' | 'GITHUB_APP_PRIVATE_KEY' | 'GITHUB_APP_INSTALLATION_ID'
>;

/** Whether there is a token or an App. */
export const hasGitHub = (env: GitHubEnvironment): boolean =>
  env.GITHUB_TOKEN !== undefined || env.GITHUB_APP_ID !== undefined;
