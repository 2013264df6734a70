/** A repository of the modules base, api, web and lone, with changes to `base` whose verdict is known. */
interface DependentModules {
  readonly name: string;
  readonly needs: readonly string[];
  readonly module: string;
  readonly files: Readonly<Record<string, string>>;
  readonly good: Readonly<Record<string, string>>;
  /** The tests of `base` pass with it. */
  readonly bad: Readonly<Record<string, string>>;
  readonly failed: readonly string[];
}

const nodePackage = (name: string, uses: readonly string[]) => ({
  [`packages/${name}/package.json`]: JSON.stringify({
    name: `@x/${name}`,
    version: '1.0.0',
    type: 'module',
    main: 'index.js',
    scripts: { test: 'node --test' },
    dependencies: Object.fromEntries(uses.map((used) => [`@x/${used}`, '*'])),
  }),
});
const nodeTest = (from: string, expected: string) =>
  `import { equal } from 'node:assert';\nimport { test } from 'node:test';\nimport { value } from '${from}';\ntest('gives its value', () => equal(value(${expected === '1' ? '' : '0'}), ${expected}));\n`;
/** The number is what `base` gives where nobody says so: its own test does not look at what its users are given. */
const nodeBase = (other: number) => `export const value = (base = 1) => (base === 0 ? ${other} : base);\n`;
const npm: DependentModules = {
  name: 'npm',
  needs: ['node', 'npm'],
  module: 'base',
  files: {
    'package.json': JSON.stringify({
      name: 'root',
      private: true,
      workspaces: ['packages/*'],
      scripts: { test: 'npm test --workspaces' },
    }),
    ...nodePackage('base', []),
    ...nodePackage('api', ['base']),
    ...nodePackage('web', ['api']),
    ...nodePackage('lone', []),
    'packages/base/index.js': nodeBase(2),
    'packages/api/index.js': "export { value } from '@x/base';\n",
    'packages/base/base.test.js': nodeTest('./index.js', '1'),
    'packages/api/api.test.js': nodeTest('./index.js', '2'),
    'packages/web/web.test.js': nodeTest('@x/api', '2'),
    'packages/lone/lone.test.js': "throw new Error('it is not to be run');\n",
  },
  good: { 'packages/base/index.js': `// why\n${nodeBase(2)}` },
  bad: { 'packages/base/index.js': nodeBase(3) },
  failed: ['packages/api/api.test.js > gives its value', 'packages/web/web.test.js > gives its value'],
};

const goTest = (name: string, call: string, expected: number) =>
  `package ${name}_test\n\nimport (\n\t"testing"\n\n\t"example.com/m/${call.split('.')[0]}"\n)\n\nfunc TestValue(t *testing.T) {\n\tif got := ${call}; got != ${expected} {\n\t\tt.Errorf("%d", got)\n\t}\n}\n`;
const goBase = (other: number) =>
  `package base\n\nfunc Value() int { return 1 }\n\nfunc Other() int { return ${other} }\n`;
const go: DependentModules = {
  name: 'go',
  needs: ['go'],
  module: 'base',
  files: {
    'go.mod': 'module example.com/m\n\ngo 1.21\n',
    'base/base.go': goBase(2),
    'base/base_test.go': goTest('base', 'base.Value()', 1),
    'api/api.go': 'package api\n\nimport "example.com/m/base"\n\nfunc Value() int { return base.Other() }\n',
    'api/api_test.go': goTest('api', 'api.Value()', 2),
    'web/web.go': 'package web\n',
    'web/web_test.go': goTest('web', 'api.Value()', 2),
    'lone/lone_test.go':
      'package lone\n\nimport "testing"\n\nfunc TestNothing(t *testing.T) { t.Fatal("it is not to be run") }\n',
  },
  good: { 'base/base.go': goBase(2).replace('func Other', '// Other is two.\nfunc Other') },
  bad: { 'base/base.go': goBase(3) },
  failed: ['example.com/m/api > TestValue', 'example.com/m/web > TestValue'],
};

const rustTest = (call: string, expected: number) =>
  `#[test]\nfn value() {\n    assert_eq!(${call}, ${expected});\n}\n`;
const cargoPackage = (name: string, uses: readonly string[], source: string, tests: string) => ({
  [`crates/${name}/Cargo.toml`]: `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${uses.map((used) => `${used} = { path = "../${used}" }\n`).join('')}`,
  [`crates/${name}/src/lib.rs`]: source,
  [`crates/${name}/tests/${name}.rs`]: tests,
});
const rustBase = (other: number) => `pub fn value() -> i32 {\n    1\n}\n\npub fn other() -> i32 {\n    ${other}\n}\n`;
const cargo: DependentModules = {
  name: 'cargo',
  needs: ['cargo'],
  module: 'base',
  files: {
    'Cargo.toml': '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n',
    ...cargoPackage('base', [], rustBase(2), rustTest('base::value()', 1)),
    ...cargoPackage('api', ['base'], 'pub fn value() -> i32 {\n    base::other()\n}\n', rustTest('api::value()', 2)),
    ...cargoPackage('web', ['api'], '', rustTest('api::value()', 2)),
    ...cargoPackage('lone', [], '', '#[test]\nfn nothing() {\n    panic!("it is not to be run");\n}\n'),
  },
  good: { 'crates/base/src/lib.rs': `//! Why.\n\n${rustBase(2)}` },
  bad: { 'crates/base/src/lib.rs': rustBase(3) },
  failed: ['tests/api.rs > value', 'tests/web.rs > value'],
};

const PARENT = '<parent><groupId>org.example</groupId><artifactId>root</artifactId><version>1.0.0</version></parent>';
const pom = (name: string, uses: readonly string[]) =>
  `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>${PARENT}<artifactId>${name}</artifactId><dependencies>${uses.map((used) => `<dependency><groupId>org.example</groupId><artifactId>${used}</artifactId><version>1.0.0</version></dependency>`).join('')}</dependencies></project>\n`;
const mavenModule = (name: string, uses: readonly string[], source: string, test: string) => ({
  [`${name}/pom.xml`]: pom(name, uses),
  [`${name}/src/main/java/org/example/${name}/Value.java`]: `package org.example.${name};\n\npublic class Value {\n    ${source}\n}\n`,
  [`${name}/src/test/java/org/example/${name}/ValueTest.java`]: `package org.example.${name};\n\nimport static org.junit.jupiter.api.Assertions.assertEquals;\n\nimport org.junit.jupiter.api.Test;\n\nclass ValueTest {\n    @Test\n    void value() {\n        ${test}\n    }\n}\n`,
});
const javaBase = (other: number) =>
  `public static int value() { return 1; }\n\n    public static int other() { return ${other}; }`;
const mavenBase = (other: number) => mavenModule('base', [], javaBase(other), 'assertEquals(1, Value.value());');
const baseSource = 'base/src/main/java/org/example/base/Value.java';
const maven: DependentModules = {
  name: 'maven',
  needs: ['java', 'mvn'],
  module: 'base',
  files: {
    'pom.xml': `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.example</groupId><artifactId>root</artifactId><version>1.0.0</version><packaging>pom</packaging>
  <properties><maven.compiler.release>17</maven.compiler.release><project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>
  <modules><module>base</module><module>api</module><module>web</module><module>lone</module></modules>
  <dependencies><dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId><version>5.11.4</version><scope>test</scope></dependency></dependencies>
  <build><plugins>
    <plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-surefire-plugin</artifactId><version>3.5.2</version></plugin>
    <plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-compiler-plugin</artifactId><version>3.13.0</version></plugin>
  </plugins></build>
</project>
`,
    ...mavenBase(2),
    ...mavenModule(
      'api',
      ['base'],
      'public static int value() { return org.example.base.Value.other(); }',
      'assertEquals(2, Value.value());',
    ),
    ...mavenModule('web', ['api'], '', 'assertEquals(2, org.example.api.Value.value());'),
    ...mavenModule('lone', [], '', 'throw new IllegalStateException("it is not to be run");'),
  },
  good: { [baseSource]: `// Why.\n${mavenBase(2)[baseSource]}` },
  bad: { [baseSource]: mavenBase(3)[baseSource] ?? '' },
  failed: ['org.example.api.ValueTest > value'],
};

export const DEPENDENT_MODULES: readonly DependentModules[] = [npm, go, cargo, maven];
