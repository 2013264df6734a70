/** Whether a path looks like a file of tests, in the conventions of the ecosystems that have a detector. */
export function isTestFile(path: string): boolean {
  return (
    /(^|\/)(tests?|__tests__|spec|specs|e2e|src\/(?:test|integrationTest|testFixtures))\//i.test(path) ||
    /(^|\/)(test_[^/]+\.py|[^/]+_test\.(py|go|rb)|[^/]+[._-](?:test|spec)s?\.[cm]?[jt]sx?|[^/]*(?:Test|Tests|IT|Spec)\.(?:java|kt|groovy|scala)|conftest\.py)$/.test(
      path,
    )
  );
}

/** Every repetition is bounded: the text is written by a model. */
const DECLARATIONS: readonly (readonly [RegExp, RegExp])[] = [
  [
    /\.[cm]?[jt]sx?$/,
    /(?:^|[^\w.])(?:test|it)(?:\.(?:only|skip|todo|concurrent|failing|each\([^)]{0,300}\))){0,3}\s{0,5}\(\s{0,50}(['"`])((?:\\.|(?!\1).){1,300}?)\1/g,
  ],
  [/\.py$/, /^[ \t]{0,100}(?:async[ \t]{1,5})?def[ \t]{1,5}()(test\w{0,200})[ \t]{0,5}\(/gm],
  [/\.go$/, /^func[ \t]{1,5}()((?:Test|Fuzz|Example)\w{0,200})[ \t]{0,5}\(/gm],
  [
    /\.rs$/,
    /#\[(?:\w{1,50}::){0,5}test(?:\([^)]{0,200}\))?\]\s{0,100}(?:#\[[^\]]{0,200}\]\s{0,100}){0,5}(?:pub\s+)?(?:async\s+)?fn\s+()(\w{1,200})\s{0,5}[(<]/g,
  ],
];

const JVM_TEST = /@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate)\b/g;
const JVM_WINDOW = 600;

/** Names of the tests that a file declares, in order, by their usual form. What is made at run time is not seen. */
export function testNames(path: string, text: string): string[] {
  if (/\.(?:java|kt|groovy|scala)$/.test(path))
    return [...text.matchAll(JVM_TEST)].flatMap((match) => jvmName(text.slice(match.index, match.index + JVM_WINDOW)));
  return DECLARATIONS.filter(([files]) => files.test(path)).flatMap(([, declaration]) =>
    [...text.matchAll(declaration)].map((match) => (match[2] as string).trim()),
  );
}

/** The method that an annotation stands before: the first name with parentheses once all annotations are gone. */
function jvmName(window: string): string[] {
  const rest = window.replace(/@\w{1,100}(?:\([^)]{0,200}\))?/g, '');
  const name = /[\w>\]]\s{1,20}(`[^`\n]{1,200}`|[\w$]{1,200})\s{0,5}\(/.exec(rest)?.[1];
  return name === undefined ? [] : [name.replaceAll('`', '')];
}

/** Marks that keep a test from running, or all others. */
export const SKIPS: readonly RegExp[] = [
  /\b(?:test|it|describe|suite|context)\.(?:skip|todo|only|skipIf|fails|failing)\b/,
  /\b(?:xit|xtest|xdescribe|fit|fdescribe)\s*\(/,
  // Options of the runner, not data of the test.
  /\b(?:test|it|describe|suite|context)\s*\(.{0,300}\{[^}]{0,100}\b(?:skip|todo|only)\s*:\s*(?:true|['"`])/,
  /@(?:\w{1,30}\.){0,8}(?:Disabled|Ignore|DisabledIf\w*|DisabledOn\w*|EnabledIf\w*|EnabledOn\w*)\b/,
  /@(?:pytest\.mark\.(?:skip|skipif|xfail)|unittest\.(?:skip\w*|expectedFailure))\b/,
  /\b(?:pytest\.skip|pytestmark\s*=\s*pytest\.mark\.skip|self\.skipTest|raise\s+(?:unittest\.)?SkipTest)\b/,
  /\b[tb]\.Skip(?:f|Now)?\s*\(/,
  /#\[ignore\b/,
];
