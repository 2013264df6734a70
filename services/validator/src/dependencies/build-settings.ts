import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { textOf, type WrittenFile } from '../check.ts';
import { attempt, baseName, section } from './ecosystem.ts';
import { hostOf, lineNaming } from './project-packages.ts';

/** Scripts that package managers run by themselves. */
const LIFECYCLE = /^(pre|post)?(install|prepare|pack|publish)$|^prepublishOnly$|^(pre|post)?uninstall$|^dependencies$/;
/** Files that tell package managers where to fetch, and what to run. */
const REGISTRY_FILES =
  /^(\.npmrc|\.yarnrc|\.yarnrc\.yml|\.pnpmfile\.c?js|bunfig\.toml|pip\.conf|pip\.ini|\.pypirc|nuget\.config|settings\.xml)$|^\.cargo\/config(\.toml)?$/i;
const WRAPPER = /(^|\/)(gradle-wrapper|maven-wrapper)\.properties$/;

/** What a change does to how packages are fetched and what runs when they are. Pure. */
export function buildSettings(file: WrittenFile): Finding[] {
  const { path, before } = file;
  const text = textOf(file.content) ?? '';
  const old = before === null ? null : (textOf(before) ?? '');
  if (text === old) return [];
  const finding = (code: string, message: string, name: string): Finding => {
    const line = lineNaming(text, old, name);
    return {
      check: 'policy.dependencies',
      code,
      severity: 'error',
      message,
      file: path,
      ...(line === undefined ? {} : { line }),
    };
  };
  if (baseName(path) === 'package.json')
    return newScripts(text, old).map((name) =>
      finding(
        'LIFECYCLE_SCRIPT',
        `The script ${name} would run whenever packages are installed. Leave it as it was.`,
        `"${name}"`,
      ),
    );
  if (REGISTRY_FILES.test(baseName(path)) || /(^|\/)\.cargo\/config(\.toml)?$/.test(path))
    return [finding('REGISTRY_CONFIG', `${path} decides where packages come from. Leave it as it was.`, '')];
  if (WRAPPER.test(path))
    return wrapperKeys(text, old).map((key) => finding('WRAPPER_CHANGED', wrapperMessage(key, text, old), key));
  return [];
}

function newScripts(text: string, old: string | null): string[] {
  const scripts = (json: string | null) => section(section(attempt(() => JSON.parse(json ?? ''), null)).scripts);
  const before = scripts(old);
  return Object.entries(scripts(text))
    .filter(([name, script]) => LIFECYCLE.test(name) && before[name] !== script)
    .map(([name]) => name);
}

const property = (text: string, key: string): string | undefined =>
  new RegExp(`^[ \\t]*${key}[ \\t]*[=:][ \\t]*(.*)$`, 'm').exec(text)?.[1]?.replaceAll('\\:', ':').trim();
const WRAPPER_KEYS = [
  'distributionUrl',
  'distributionSha256Sum',
  'wrapperUrl',
  'wrapperSha256Sum',
  'validateDistributionUrl',
];

const wrapperKeys = (text: string, old: string | null): string[] =>
  WRAPPER_KEYS.filter((key) => property(text, key) !== (old === null ? undefined : property(old, key)));

function wrapperMessage(key: string, text: string, old: string | null): string {
  const now = property(text, key);
  if (now === undefined) return `${key} was removed. Leave it as it was.`;
  const host = hostOf(now);
  if (host === null || (old !== null && hostOf(property(old, key) ?? null) === host))
    return `${key} was changed. The wrapper decides which build tool runs; leave it as it was.`;
  return `${key} now points to ${host}. The wrapper decides which build tool runs; leave it as it was.`;
}
