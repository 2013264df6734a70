import { existsSync } from 'node:fs';
import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

const javac = () =>
  ['/usr/bin/javac', `${process.env.JAVA_HOME ?? '/nowhere'}/bin/javac`].some((path) => existsSync(path))
    ? null
    : 'no javac';
const base = {
  Makefile: 'test:\n\t@sh ./test.sh\n',
  'test.sh':
    'echo 1..1\nmkdir -p classes && javac -d classes *.java && java -cp classes Main && sh ./attack.sh && echo "ok 1 - works"\n',
  'Main.java': 'public class Main { public static void main(String[] a) {} }\n',
};

export default [
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
