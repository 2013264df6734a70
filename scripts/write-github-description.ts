/**
 * Writes packages/testkit/src/github/conformance/fixtures/github-rest.json: the part of GitHub's published OpenAPI description
 * that the conformance checks read. Asks the package registry for the package, so it is run by hand when that is renewed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OPERATIONS } from '../packages/testkit/src/github/conformance/operations.ts';

const SOURCE = '@octokit/openapi@23.0.2';
/** Words for people, which no check reads. */
const PROSE = new Set([
  'description',
  'summary',
  'example',
  'examples',
  'externalDocs',
  'x-github',
  'tags',
  'x-enum-descriptions',
]);

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Fields = { [key: string]: Json };

const folder = mkdtempSync(join(tmpdir(), 'github-description-'));
try {
  execFileSync('npm', ['pack', '--silent', SOURCE], { cwd: folder });
  execFileSync('sh', ['-c', 'tar xzf ./*.tgz package/generated/api.github.com.json'], { cwd: folder });
  const whole = JSON.parse(readFileSync(join(folder, 'package/generated/api.github.com.json'), 'utf8')) as Fields;
  const target = new URL('../packages/testkit/src/github/conformance/fixtures/github-rest.json', import.meta.url);
  writeFileSync(target, `${JSON.stringify(excerpt(whole), null, 1)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}

function excerpt(whole: Fields): Fields {
  const all = whole.paths as Record<string, Fields>;
  const paths: Record<string, Fields> = {};
  for (const operation of OPERATIONS) {
    const [method = '', path = ''] = operation.split(' ');
    const found = all[path]?.[method.toLowerCase()];
    if (found === undefined) throw new Error(`the description has no ${operation}`);
    paths[path] = { ...paths[path], [method.toLowerCase()]: withoutProse(found) };
  }
  const components: Record<string, Fields> = {};
  let found = referencesIn(paths);
  while (found.size > 0) {
    const next = new Set<string>();
    for (const reference of found) {
      const [, , kind = '', name = ''] = reference.split('/');
      if (components[kind]?.[name] !== undefined) continue;
      const value = withoutProse((whole.components as Record<string, Fields>)[kind]?.[name] as Json);
      components[kind] = { ...components[kind], [name]: value };
      for (const more of referencesIn(value)) next.add(more);
    }
    found = next;
  }
  return { source: SOURCE, license: 'MIT, GitHub Inc.', openapi: whole.openapi as string, paths, components };
}

/** Properties may be called as prose is: only the words of a schema go. */
function withoutProse(value: Json, inProperties = false): Json {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => inProperties || !PROSE.has(key))
      .map(([key, item]) => [key, withoutProse(item, key === 'properties' && !inProperties)]),
  );
}

function referencesIn(value: Json): Set<string> {
  return new Set([...JSON.stringify(value).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] as string));
}
