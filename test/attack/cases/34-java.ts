import { existsSync } from 'node:fs';
import { verdictOf } from '../../../services/validator/test/stage-harness.ts';
import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

const javac = () =>
  ['/usr/bin/javac', `${process.env.JAVA_HOME ?? '/nowhere'}/bin/javac`].some((path) => existsSync(path))
    ? null
    : 'no javac';
/** A change of a Java project and the code of the finding that it has to get; null: its clean twin, which passes. */
const judged = (
  name: string,
  change: Readonly<Record<string, string>>,
  expected: { readonly code: string; readonly in: string } | null,
  { built = false }: { readonly built?: boolean } = {},
): AttackCase => ({
  row: 34,
  name,
  inexpressible: javac,
  base: PROJECT,
  config: { validate: { memoryMb: 700, timeout: '60s', publicApi: 'error' } },
  async run({ harness, record }) {
    const outcome = await harness.validate(change);
    record(outcome);
    const { passed, run, findings } = verdictOf(outcome);
    const told = findings.map((each) => `${each.code} ${each.file ?? ''}:${each.line ?? ''} ${each.message}`);
    if (expected === null) return passed && told.length === 0 ? [] : [`the clean twin gets ${told.join('; ')}`];
    return [
      ...(passed ? ['it passed'] : []),
      ...(built === (run !== null) ? [] : [built ? 'it was not built' : 'it was executed']),
      ...(told.some((text) => text.startsWith(`${expected.code} `) && text.includes(expected.in))
        ? []
        : [`no ${expected.code} in ${expected.in}, but ${told.join('; ') || 'nothing'}`]),
    ];
  },
});

/** The release of the classes is data for the compiler, so that a change to it is no change of the tests. */
const PROJECT = {
  Makefile: 'test:\n\t@sh ./test.sh\n',
  'test.sh':
    'rm -rf out && mkdir out && javac -nowarn @javac.args -d out $(find src -name "*.java") && echo 1..1 && echo "ok 1 - works"\n',
  'javac.args': '--release 11\n',
  'plugin.yml': 'name: Homes\nfolia-supported: true\n',
  'src/homes/Homes.java':
    'package homes;\npublic class Homes { public int count() { return 1; } public void clear() { } }\n',
  'src/org/bukkit/scheduler/BukkitScheduler.java':
    'package org.bukkit.scheduler;\npublic interface BukkitScheduler { void runTask(Object plugin, Runnable task); }\n',
  'src/org/bukkit/Server.java':
    'package org.bukkit;\npublic class Server { public static org.bukkit.scheduler.BukkitScheduler later() { return null; } }\n',
} as const;
const inClass = (body: string, name = 'More') => ({
  [`src/homes/${name}.java`]: `package homes;\nclass ${name} { ${body} }\n`,
});

const base = {
  Makefile: 'test:\n\t@sh ./test.sh\n',
  'test.sh':
    'echo 1..1\nmkdir -p classes && javac -d classes *.java && java -cp classes Main && sh ./attack.sh && echo "ok 1 - works"\n',
  'Main.java': 'public class Main { public static void main(String[] a) {} }\n',
};

export default [
  judged(
    'an internal class by import',
    { 'src/homes/More.java': 'package homes;\nimport sun.misc.Unsafe;\nclass More { Unsafe unsafe; }\n' },
    { code: 'no-internal-jdk/import', in: 'src/homes/More.java:2' },
  ),
  judged('an internal class by its full name', inClass('sun.misc.Unsafe unsafe;'), {
    code: 'no-internal-jdk/name',
    in: 'src/homes/More.java:2',
  }),
  judged(
    'an internal class by reflection',
    inClass('Class<?> f() throws Exception { return Class.forName("sun.misc.Unsafe"); }'),
    {
      code: 'no-internal-jdk/reflection',
      in: 'src/homes/More.java:2',
    },
  ),
  judged(
    'an internal class by an alias of Kotlin',
    { 'src/homes/More.kt': 'package homes\nimport sun.misc.Unsafe as Memory\nval memory: Memory? = null\n' },
    { code: 'no-internal-jdk/import', in: 'src/homes/More.kt:2' },
  ),
  judged(
    'an internal class by a name that the compiler puts together',
    inClass(
      'static final String A = "sun."; static final String B = "misc."; Class<?> f() throws Exception { return Class.forName(A + B + "Unsafe"); }',
    ),
    { code: 'FORBIDDEN_CLASS', in: 'homes.More refers to sun.misc.Unsafe' },
    { built: true },
  ),
  judged('the scheduler of Bukkit', inClass('Object f(org.bukkit.scheduler.BukkitScheduler later) { return later; }'), {
    code: 'folia/bukkit-scheduler',
    in: 'src/homes/More.java:2',
  }),
  judged(
    'the scheduler of Bukkit behind a method',
    inClass('void f() { var later = org.bukkit.Server.later(); later.runTask(this, () -> { }); }'),
    { code: 'FORBIDDEN_CLASS', in: 'homes.More refers to org.bukkit.scheduler.BukkitScheduler' },
    { built: true },
  ),
  judged(
    'a plugin that no longer says it is for Folia',
    { 'plugin.yml': 'name: Homes\n' },
    { code: 'folia/folia-supported', in: 'plugin.yml:1' },
  ),
  judged(
    'classes for a newer Java',
    { 'javac.args': '--release 17\n' },
    { code: 'CLASS_VERSION', in: 'compiled for Java 17 (class version 61)' },
    { built: true },
  ),
  judged(
    'a public method that is gone',
    { 'src/homes/Homes.java': 'package homes;\npublic class Homes { public int count() { return 1; } }\n' },
    { code: 'PUBLIC_API_REMOVED', in: 'homes.Homes no longer has clear' },
    { built: true },
  ),
  judged(
    'the clean twin of them all',
    {
      ...inClass('int f() { return new Homes().count(); }'),
      'plugin.yml': 'name: Homes\nfolia-supported: true\nauthor: x\n',
      'src/homes/Homes.java':
        'package homes;\npublic class Homes { public int count() { return 2; } public void clear() { } public void more() { } }\n',
    },
    null,
  ),
  boxed({
    row: 34,
    name: 'a program and an annotation processor in the compiler that read and connect',
    inexpressible: javac,
    base,
    config: { validate: { memoryMb: 700, timeout: '60s' } },
    change: {
      'Main.java': `import java.nio.file.*;
public class Main {
  static void attack(String who, String... args) {
    for (String path : new String[] { "/etc/shadow", "/root/.m2/settings.xml", "/run/secrets" }) if (Files.isReadable(Path.of(path))) System.out.println("ESCAPED: " + who + " reads " + path);
    for (String name : System.getenv().keySet()) if (name.matches(".*(KEY|TOKEN|PASSWORD).*")) System.out.println("ESCAPED: " + who + " sees " + name);
    try (var socket = new java.net.Socket()) { socket.connect(new java.net.InetSocketAddress("127.0.0.1", 22), 500); System.out.println("ESCAPED: connected"); } catch (java.io.IOException e) { System.out.println(who + " tried"); }
  }
  public static void main(String[] args) throws Exception { attack("program"); new ProcessBuilder("javac", "-d", "out", "-cp", "classes", "-processor", "Processor", "Empty.java").inheritIO().start().waitFor(); }
}
`,
      'Processor.java': `import java.util.*;
@javax.annotation.processing.SupportedAnnotationTypes("*")
public class Processor extends javax.annotation.processing.AbstractProcessor {
  public boolean process(Set<? extends javax.lang.model.element.TypeElement> types, javax.annotation.processing.RoundEnvironment round) { if (!round.processingOver()) Main.attack("processor"); return false; }
}
`,
      'Empty.java': 'class Empty {}\n',
    },
    says: /program tried[\s\S]*processor tried/,
  }),
] satisfies AttackCase[];
