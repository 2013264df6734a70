/** Whether a path looks like a file of tests, in the conventions of the ecosystems that have a detector. */
export function isTestFile(path: string): boolean {
  return (
    /(^|\/)(tests?|__tests__|spec|specs|e2e|src\/(?:test|integrationTest|testFixtures))\//i.test(path) ||
    /(^|\/)(test_[^/]+\.py|[^/]+_test\.(py|go|rb)|[^/]+[._-](?:test|spec)s?\.[cm]?[jt]sx?|[^/]*(?:Test|Tests|IT|Spec)\.(?:java|kt|groovy|scala)|conftest\.py)$/.test(
      path,
    )
  );
}

const DECLARATIONS: readonly (readonly [RegExp, RegExp])[] = [
  [
    /\.[cm]?[jt]sx?$/,
    /(?:^|[^\w.])(?:test|it)(?:\.(?:only|skip|todo|concurrent|each\([^)]*\)|failing))*\s*\(\s*(['"`])((?:\\.|(?!\1).)+)\1/g,
  ],
  [
    /\.(?:java|kt|groovy|scala)$/,
    /@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate)\b(?:\([^)]*\))?(?:\s|@\w+(?:\([^)]*\))?)*(?:(?:public|protected|private|internal|static|final|open|suspend|void|fun|def|[\w<>[\],?]+)\s+)*?(`?)([\w $-]+?)\1\s*\(/g,
  ],
  [/\.py$/, /^[ \t]*(?:async[ \t]+)?def[ \t]+()(test\w*)[ \t]*\(/gm],
  [/\.go$/, /^func[ \t]+()((?:Test|Fuzz|Example)\w*)[ \t]*\(/gm],
  [/\.rs$/, /#\[(?:\w+::)*test(?:\([^)]*\))?\]\s*(?:#\[[^\]]*\]\s*)*(?:pub\s+)?(?:async\s+)?fn\s+()(\w+)\s*[(<]/g],
];

/** Names of the tests that a file declares, in order, by their usual form. What is made at run time is not seen. */
export function testNames(path: string, text: string): string[] {
  return DECLARATIONS.filter(([files]) => files.test(path)).flatMap(([, declaration]) =>
    [...text.matchAll(declaration)].map((match) => (match[2] as string).trim()),
  );
}

/** Marks that keep a test from running, or all others. */
export const SKIPS: readonly RegExp[] = [
  /\b(?:test|it|describe|suite|context)\.(?:skip|todo|only|skipIf|fails|failing)\b/,
  /\b(?:xit|xtest|xdescribe|fit|fdescribe)\s*\(/,
  /\b(?:skip|todo|only)\s*:\s*(?:true|['"`])/,
  /@(?:Disabled|Ignore|DisabledIf\w*|DisabledOn\w*)\b/,
  /@(?:pytest\.mark\.(?:skip|skipif|xfail)|unittest\.(?:skip\w*|expectedFailure))\b/,
  /\b(?:pytest\.skip|pytestmark\s*=\s*pytest\.mark\.skip|self\.skipTest|raise\s+(?:unittest\.)?SkipTest)\b/,
  /\b[tb]\.Skip(?:f|Now)?\s*\(/,
  /#\[ignore\b/,
];
