/** A small repository of an ecosystem, with changes whose verdict is known. */
interface Ecosystem {
  /** The detector that has to find it. */
  readonly name: string;
  readonly needs: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** Tests at the base. */
  readonly passed: number;
  readonly good: { readonly change: Readonly<Record<string, string>>; readonly added: number };
  readonly bad: {
    readonly change: Readonly<Record<string, string>>;
    readonly failed: readonly string[];
    readonly place: { readonly file?: string; readonly line?: number };
  };
  /** Does not compile or load; the first finding. */
  readonly broken: {
    readonly change: Readonly<Record<string, string>>;
    readonly finding: Readonly<Record<string, unknown>>;
  };
}

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.example</groupId><artifactId>sums</artifactId><version>1.0.0</version>
  <properties><maven.compiler.release>17</maven.compiler.release><project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>
  <dependencies><dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId><version>5.11.4</version><scope>test</scope></dependency></dependencies>
  <build><plugins>
    <plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-surefire-plugin</artifactId><version>3.5.2</version></plugin>
    <plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-compiler-plugin</artifactId><version>3.13.0</version></plugin>
  </plugins></build>
</project>
`;
const JAVA = (body: string) =>
  `package org.example;\n\npublic final class Sum {\n    private Sum() {}\n\n    public static int of(int a, int b) {\n        ${body}\n    }\n}\n`;
const JAVA_TEST = (name: string) =>
  `package org.example;\n\nimport static org.junit.jupiter.api.Assertions.assertEquals;\n\nimport org.junit.jupiter.api.Test;\n\nclass ${name} {\n    @Test\n    void adds() {\n        assertEquals(3, Sum.of(1, 2));\n    }\n}\n`;

const maven: Ecosystem = {
  name: 'maven',
  needs: ['java', 'mvn'],
  files: {
    'pom.xml': POM,
    'src/main/java/org/example/Sum.java': JAVA('return a + b;'),
    'src/test/java/org/example/SumTest.java': JAVA_TEST('SumTest'),
  },
  passed: 1,
  good: { change: { 'src/test/java/org/example/MoreTest.java': JAVA_TEST('MoreTest') }, added: 1 },
  bad: {
    change: { 'src/main/java/org/example/Sum.java': JAVA('return a - b;') },
    failed: ['org.example.SumTest > adds'],
    place: { file: 'src/test/java/org/example/SumTest.java', line: 10 },
  },
  broken: {
    change: { 'src/main/java/org/example/Sum.java': JAVA('return a + c;') },
    finding: { check: 'build', code: 'JAVAC', file: 'src/main/java/org/example/Sum.java', line: 7 },
  },
};

const go: Ecosystem = {
  name: 'go',
  needs: ['go'],
  files: {
    'go.mod': 'module example.com/sums\n\ngo 1.21\n',
    'sum/sum.go': 'package sum\n\nfunc Of(a, b int) int {\n\treturn a + b\n}\n',
    'sum/sum_test.go':
      'package sum\n\nimport "testing"\n\nfunc TestOf(t *testing.T) {\n\tif got := Of(1, 2); got != 3 {\n\t\tt.Errorf("Of(1, 2) = %d", got)\n\t}\n}\n',
  },
  passed: 1,
  good: {
    change: {
      'sum/more_test.go':
        'package sum\n\nimport "testing"\n\nfunc TestZero(t *testing.T) {\n\tt.Run("of zero", func(t *testing.T) {\n\t\tif Of(0, 0) != 0 {\n\t\t\tt.Fatal("not zero")\n\t\t}\n\t})\n}\n',
    },
    added: 2,
  },
  bad: {
    change: { 'sum/sum.go': 'package sum\n\nfunc Of(a, b int) int {\n\treturn a - b\n}\n' },
    failed: ['example.com/sums/sum > TestOf'],
    place: { file: 'sum/sum_test.go', line: 7 },
  },
  broken: {
    change: { 'sum/sum.go': 'package sum\n\nfunc Of(a, b int) int {\n\treturn a + c\n}\n' },
    finding: { check: 'build', code: 'GO', file: 'sum/sum.go', line: 4, message: 'undefined: c' },
  },
};

const cargo: Ecosystem = {
  name: 'cargo',
  needs: ['cargo'],
  files: {
    'Cargo.toml': '[package]\nname = "sums"\nversion = "0.1.0"\nedition = "2021"\n',
    'src/lib.rs':
      'pub fn sum(a: i32, b: i32) -> i32 {\n    a + b\n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn adds() {\n        assert_eq!(sum(1, 2), 3);\n    }\n}\n',
  },
  passed: 1,
  good: {
    change: { 'tests/more.rs': '#[test]\nfn adds_zero() {\n    assert_eq!(sums::sum(0, 0), 0);\n}\n' },
    added: 1,
  },
  bad: {
    change: {
      'src/lib.rs':
        'pub fn sum(a: i32, b: i32) -> i32 {\n    a - b\n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn adds() {\n        assert_eq!(sum(1, 2), 3);\n    }\n}\n',
    },
    failed: ['src/lib.rs > tests::adds'],
    place: { file: 'src/lib.rs', line: 11 },
  },
  broken: {
    change: {
      'src/lib.rs':
        'pub fn sum(a: i32, b: i32) -> i32 {\n    a + c\n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn adds() {\n        assert_eq!(sum(1, 2), 3);\n    }\n}\n',
    },
    finding: { check: 'build', code: 'E0425', file: 'src/lib.rs', line: 2 },
  },
};

const PYTHON_SOURCE = (operator: string) => `def add(a, b):\n    return a ${operator} b\n`;
const pytest: Ecosystem = {
  name: 'python',
  needs: ['python3'],
  files: {
    'requirements.txt': 'pytest==8.3.4\n',
    'sums.py': PYTHON_SOURCE('+'),
    'tests/test_sums.py':
      'import sys\nfrom pathlib import Path\n\nsys.path.insert(0, str(Path(__file__).parent.parent))\n\nfrom sums import add\n\n\ndef test_adds():\n    assert add(1, 2) == 3\n',
  },
  passed: 1,
  good: {
    change: { 'tests/test_more.py': 'from sums import add\n\n\ndef test_zero():\n    assert add(0, 0) == 0\n' },
    added: 1,
  },
  bad: {
    change: { 'sums.py': PYTHON_SOURCE('-') },
    failed: ['tests.test_sums > test_adds'],
    place: { file: 'tests/test_sums.py', line: 10 },
  },
  broken: {
    change: { 'sums.py': 'def add(a, b)\n    return a + b\n' },
    finding: { check: 'test', file: 'sums.py', line: 1 },
  },
};

const unittest: Ecosystem = {
  name: 'python',
  needs: ['python3'],
  files: {
    'pyproject.toml':
      '[project]\nname = "sums"\nversion = "1.0.0"\n\n[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n\n[tool.setuptools]\npy-modules = ["sums"]\n',
    'sums.py': PYTHON_SOURCE('+'),
    'tests/__init__.py': '',
    'tests/test_sums.py':
      'import unittest\n\nfrom sums import add\n\n\nclass AddTest(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(add(1, 2), 3)\n',
  },
  passed: 1,
  good: {
    change: {
      'tests/test_more.py':
        'import unittest\n\nfrom sums import add\n\n\nclass MoreTest(unittest.TestCase):\n    def test_zero(self):\n        self.assertEqual(add(0, 0), 0)\n',
    },
    added: 1,
  },
  bad: {
    change: { 'sums.py': PYTHON_SOURCE('-') },
    failed: ['tests.test_sums.AddTest > test_adds'],
    place: { file: 'tests/test_sums.py', line: 8 },
  },
  broken: {
    change: { 'sums.py': 'import no_such_module\n\n\ndef add(a, b):\n    return a + b\n' },
    finding: { check: 'test', file: 'sums.py', line: 1 },
  },
};

const make: Ecosystem = {
  name: 'make',
  needs: ['make', 'bash'],
  files: {
    Makefile: 'test:\n\t@sh test.sh\n',
    'sum.sh': 'echo $(($1 + $2))\n',
    'test.sh':
      'echo 1..1\nif [ "$(sh sum.sh 1 2)" = 3 ]; then echo "ok 1 - adds"; else echo "not ok 1 - adds"; exit 1; fi\n',
  },
  passed: 1,
  good: {
    change: {
      'test.sh':
        'echo 1..2\nif [ "$(sh sum.sh 1 2)" = 3 ]; then echo "ok 1 - adds"; else echo "not ok 1 - adds"; exit 1; fi\necho "ok 2 - more"\n',
    },
    added: 1,
  },
  bad: { change: { 'sum.sh': 'echo $(($1 - $2))\n' }, failed: ['adds'], place: {} },
  broken: { change: { 'test.sh': 'exit 3\n' }, finding: { check: 'test', code: 'COMMAND_FAILED' } },
};

export const ECOSYSTEMS: readonly Ecosystem[] = [maven, go, cargo, pytest, unittest, make];
