import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import { expect, test } from 'vitest';
import { type Contents, checkInput } from '../../test/check-input.ts';
import { loadPacks } from './load-packs.ts';
import { selectRules } from './select-rules.ts';

const packs = await loadPacks();

async function selected(files: Contents, rules: object = {}, head: Contents = files) {
  const { rules: chosen, ...rest } = await selectRules({
    packs,
    own: [],
    config: OrchestratorConfig.parse({ validate: { rules } }).validate.rules,
    projects: [checkInput(files, {}).base, checkInput(head, {}).base],
  });
  return { ...rest, names: chosen.map((rule) => rule.name), rules: chosen };
}
const ids = async (files: Contents) => (await selected(files)).packs.map((pack) => pack.id);

const POM = '<project><properties><maven.compiler.release>21</maven.compiler.release></properties></project>';

test('packs apply where the repository shows that they fit', async () => {
  expect(await ids({ 'package.json': '{}' })).toEqual([]);
  expect(await ids({ 'src/A.java': 'class A {}' })).toEqual(['no-internal-jdk']);
  expect(await ids({ 'pom.xml': POM })).toEqual(['java-21']);
  expect(await ids({ 'pom.xml': POM.replace('21', '17') })).toEqual([]);
  expect(
    await ids({ 'build.gradle.kts': 'java { toolchain { languageVersion = JavaLanguageVersion.of(21) } }' }),
  ).toEqual(['java-21']);
  expect(await ids({ 'src/main/resources/plugin.yml': 'name: A\nfolia-supported: true\n' })).toEqual(['folia']);
  expect(await ids({ 'src/main/resources/plugin.yml': 'name: A\n' })).toEqual([]);
});

test('a change can turn a pack on and never off', async () => {
  const plugin = { 'plugin.yml': 'name: A\n' };
  const folia = { 'plugin.yml': 'name: A\nfolia-supported: true\n' };
  expect((await selected(plugin, {}, folia)).packs).toEqual([{ id: 'folia', why: 'detected by plugin.yml' }]);
  expect((await selected(folia, {}, plugin)).packs).toEqual([{ id: 'folia', why: 'detected by plugin.yml' }]);
});

test('configuration switches packs and rules, and is told where it names nothing', async () => {
  const on = await selected({}, { on: ['folia'], off: ['folia/teleport', 'folai/*'], warn: ['folia/raw-*'] });
  expect(on.packs).toEqual([{ id: 'folia', why: 'validate.rules.on' }]);
  expect(on.names).toContain('folia/scoreboard');
  expect(on.names).not.toContain('folia/teleport');
  expect(on.rules.find((rule) => rule.id === 'raw-thread')?.severity).toBe('warning');
  expect(on.unknown).toEqual(['folai/*']);
  expect((await selected({ 'A.java': '' }, { off: ['no-internal-jdk'] })).packs).toEqual([]);
});
