import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { type CheckInput, textOf } from './check.ts';
import { asksForOtherPackages } from './checks/dependencies.ts';
import { attempt, section } from './dependencies/ecosystem.ts';
import type { Recipe } from './recipe.ts';

export interface NewPackages {
  /** The packages of the change are fetched before it is built. */
  readonly fetch: boolean;
  /** Why they are not, though it asks for others than the base. */
  readonly findings: readonly Finding[];
}

/** Files by which a package manager can be made to run something, whatever it is told on its command line. */
const SETTINGS =
  /(^|\/)(\.npmrc|\.yarnrc(\.yml)?|\.pnpmfile\.[cm]?js|pnpm-workspace\.yaml|bunfig\.toml|rust-toolchain(\.toml)?|go\.work)$|(^|\/)\.(yarn|cargo)\//;

/**
 * Whether a change whose other packages the configuration lets pass gets them. They are fetched where that runs nothing of
 * what the change wrote: code of it never meets a network.
 */
export async function newPackages(input: CheckInput, recipe: Pick<Recipe, 'detector' | 'fetch'>): Promise<NewPackages> {
  if (!(await asksForOtherPackages(input))) return { fetch: false, findings: [] };
  const setting = input.changeSet.files.find(({ path }) => SETTINGS.test(path))?.path ?? changedSettings(input);
  if (recipe.fetch !== undefined && setting === undefined) return { fetch: true, findings: [] };
  const why =
    setting === undefined
      ? `with ${recipe.detector} they cannot be fetched without running code of the change`
      : `${setting} decides how they are fetched, and is changed too`;
  return {
    fetch: false,
    findings: [
      {
        check: 'policy.dependencies',
        code: 'DEPENDENCY_NOT_FETCHED',
        severity: 'warning',
        message: `The change asks for other packages than the base commit, but was built with those of the base: ${why}. Let a person add them first.`,
      },
    ],
  };
}

/** pnpm also takes settings from the manifest. */
const changedSettings = ({ written }: CheckInput): string | undefined =>
  written.find(
    ({ path, content, before }) =>
      /(^|\/)package\.json$/.test(path) && !isDeepStrictEqual(settingsIn(content), settingsIn(before)),
  )?.path;

const settingsIn = (content: Buffer | null) => {
  const { pnpm, packageManager } = section(attempt(() => JSON.parse((content && textOf(content)) ?? ''), null));
  return [pnpm, packageManager];
};
