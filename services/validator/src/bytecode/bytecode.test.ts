import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClassReport } from '@orchestrator/shared/contracts/verdict.ts';
import { temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { afterEach, describe, expect, test } from 'vitest';
import { readClassFile } from './class-file.ts';
import { classFindings } from './class-findings.ts';
import { inspectClasses } from './inspect-classes.ts';

const folder = temporaryFolder();
afterEach(() => folder.remove());
let count = 0;

/** A JDK's javac that takes `--release`; null: there is none here. */
function javacFor(release: number): string | null {
  const jvms = '/usr/lib/jvm';
  const places = ['javac', ...(existsSync(jvms) ? readdirSync(jvms).map((name) => join(jvms, name, 'bin/javac')) : [])];
  return (
    places.find((place) => {
      try {
        const version = execFileSync(place, ['-version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
        return Number(/javac (\d+)/.exec(version)?.[1]) >= release;
      } catch {
        return false;
      }
    }) ?? null
  );
}
const javac = javacFor(17);
const newer = javacFor(22);

/** Compiles below target/classes and looks at the result. */
async function compiled(sources: Record<string, string>, { release = 17, compiler = javac } = {}) {
  const work = join(folder.path, `work-${++count}`);
  for (const [path, text] of Object.entries(sources)) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  }
  const paths = Object.keys(sources);
  const level = sources['src/Memory.java']?.includes('sun.misc')
    ? ['-source', String(release), '-target', String(release)]
    : ['--release', String(release)];
  execFileSync(compiler as string, ['-nowarn', '-d', 'target/classes', ...level, ...paths], {
    cwd: work,
    stdio: 'pipe',
  });
  return { work, report: (await inspectClasses(work, paths))?.report ?? null };
}

const BUKKIT = {
  'src/org/bukkit/scheduler/BukkitScheduler.java':
    'package org.bukkit.scheduler; public interface BukkitScheduler { void runTask(Object plugin, Runnable task); }',
  'src/Server.java':
    'public class Server { public static org.bukkit.scheduler.BukkitScheduler later() { return null; } }',
};
const all = [
  { id: 'folia', why: '' },
  { id: 'no-internal-jdk', why: '' },
];
const found = (base: ClassReport | null, head: ClassReport | null, publicApi: 'error' | 'warning' | 'off' = 'off') =>
  classFindings({ base, head, packs: all, publicApi });

describe.skipIf(javac === null)('class files that javac wrote (skipped: no JDK 17 or newer)', () => {
  test('the scheduler behind an alias is found by the class that uses it, and its clean twin is not', async () => {
    const plain = await compiled({
      ...BUKKIT,
      'src/homes/Homes.java': 'package homes; public class Homes { void f() { } }',
    });
    const alias = await compiled({
      ...BUKKIT,
      // A name of the API occurs nowhere in this text but behind a method of another class.
      'src/homes/Homes.java': 'package homes; public class Homes { void f() { Later.run(() -> { }); } }',
      'src/homes/Later.java':
        'package homes; class Later { static void run(Runnable task) { try { var later = Class.forName("Server").getMethod("later").invoke(null); ((org.bukkit.scheduler.BukkitScheduler) later).runTask(null, task); } catch (Exception e) { } } }',
    });
    expect(found(plain.report, alias.report)).toMatchObject([
      {
        code: 'FORBIDDEN_CLASS',
        file: 'src/homes/Later.java',
        message: expect.stringContaining('homes.Later refers to org.bukkit.scheduler.BukkitScheduler'),
      },
    ]);
    expect(found(plain.report, plain.report)).toEqual([]);
  });

  test('an adapter that asks for Folia first may use it', async () => {
    const adapter = await compiled({
      ...BUKKIT,
      'src/Adapter.java':
        'class Adapter { boolean folia() { try { Class.forName("io.papermc.paper.threadedregions.RegionizedServer"); return true; } catch (Exception e) { return false; } } class Old { org.bukkit.scheduler.BukkitScheduler later; } }',
    });
    expect(adapter.report?.uses.filter((use) => use.className.startsWith('Adapter'))).toEqual([]);
  });

  test('internal classes of the JDK are found by reference and by reflection', async () => {
    const { report } = await compiled({
      'src/Memory.java': 'class Memory { sun.misc.Unsafe unsafe; }',
      'src/Hidden.java':
        'class Hidden { Object f() throws Exception { return Class.forName("jdk.internal.misc.VM"); } }',
    });
    expect(found(null, report).map(({ message }) => message)).toEqual([
      expect.stringContaining('Hidden refers to jdk.internal.misc.VM'),
      expect.stringContaining('Memory refers to sun.misc.Unsafe'),
    ]);
  });

  test('removed members are breaks, moved and added ones are not', async () => {
    const api = (body: string, more = '') => ({ 'src/a/Api.java': `package a; public class Api ${body} ${more}` });
    const { report: base } = await compiled(
      api('{ public int one() { return 1; } protected int two; int own() { return 1; } }'),
    );
    const report = async (sources: Record<string, string>) => (await compiled(sources)).report;
    const codes = async (sources: Record<string, string>) =>
      found(base, await report(sources), 'error').map(({ code, message }) => `${code} ${message.split(/[.;] /)[0]}`);
    expect(
      await codes(api('{ public int one() { return 1; } protected int two; public int three() { return 3; } }')),
    ).toEqual([]);
    expect(await codes(api('{ protected int two; }'))).toEqual([
      expect.stringContaining('PUBLIC_API_REMOVED a.Api no longer has one ()I'),
    ]);
    expect(await codes(api('{ public long one() { return 1; } protected int two; }'))).toHaveLength(1);
    expect(await codes({ 'src/a/Other.java': 'package a; public class Other { }' })).toEqual([
      expect.stringContaining('The public class a.Api is gone'),
    ]);
    expect(
      await codes({
        ...api('extends Parent { protected int two; }'),
        'src/a/Parent.java': 'package a; public class Parent { public int one() { return 1; } }',
      }),
    ).toEqual([]);
    expect(
      found(base, await report(api('extends java.util.ArrayList<String> { protected int two; }')), 'error'),
    ).toMatchObject([{ code: 'PUBLIC_API_UNKNOWN', severity: 'warning' }]);
  });

  test.skipIf(newer === null)('classes for a newer Java than before are refused (skipped: no JDK 22)', async () => {
    const source = { 'src/A.java': 'class A { }' };
    const old = await compiled(source, { release: 21, compiler: newer });
    const young = await compiled(source, { release: 22, compiler: newer });
    expect(found(old.report, young.report)).toMatchObject([
      { code: 'CLASS_VERSION', message: expect.stringContaining('A is compiled for Java 22 (class version 66)') },
    ]);
    expect(found(old.report, old.report)).toEqual([]);
  });

  test('a jar that the build made is looked into; links and broken files are passed over', async () => {
    const { work } = await compiled({ 'src/Memory.java': 'class Memory { sun.misc.Unsafe unsafe; }' });
    execFileSync('jar', ['-cf', 'target/out.jar', '-C', 'target/classes', '.'], { cwd: work });
    execFileSync('rm', ['-r', 'target/classes'], { cwd: work });
    writeFileSync(join(work, 'target/Broken.class'), Buffer.from('cafebabe0000003d', 'hex'));
    writeFileSync(join(work, 'target/broken.jar'), 'PK');
    symlinkSync('/etc/passwd', join(work, 'target/Link.class'));
    const files = ['src/Memory.java'];
    expect((await inspectClasses(work, files))?.report.uses).toMatchObject([
      { className: 'Memory', file: 'src/Memory.java' },
    ]);
    expect(await inspectClasses(work, [...files, 'target/out.jar'])).toBeNull();
  });
});

test('bytes that are no class file, or end early, are read in bounds', () => {
  expect(readClassFile(Buffer.from('no class file, though it is long enough'))).toBeNull();
  const header = Buffer.from('cafebabe00000041ffff01ffff6162630000000000000000000000', 'hex');
  for (let end = 0; end <= header.length; end++) expect(readClassFile(header.subarray(0, end))).toBeNull();
});
