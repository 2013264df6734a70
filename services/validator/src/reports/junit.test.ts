import { describe, expect, test } from 'vitest';
import { readJunit } from './junit.ts';

const layout = { work: '/box/work', cache: '', reports: '', kit: '', home: '' };
const read = (xml: string) => readJunit(xml, layout);

describe('the dialects', () => {
  test('Surefire: the class is the suite, and the stack gives the line', () => {
    const xml = `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="org.example.SumTest" time="0.1" tests="3">
  <properties><property name="java.version" value="17"/></properties>
  <testcase name="adds" classname="org.example.SumTest" time="1,000.5"/>
  <testcase name="subtracts" classname="org.example.SumTest" time="0.01">
    <failure message="expected: &lt;3&gt; but was: &lt;-1&gt;" type="org.opentest4j.AssertionFailedError"><![CDATA[org.opentest4j.AssertionFailedError: expected: <3> but was: <-1>
	at org.junit.jupiter.api.AssertionUtils.fail(AssertionUtils.java:39)
	at org.example.SumTest.subtracts(SumTest.java:10)
]]></failure>
  </testcase>
  <testcase name="later" classname="org.example.SumTest"><skipped/></testcase>
</testsuite>`;
    expect(read(xml)).toEqual([
      { id: 'org.example.SumTest > adds', status: 'passed', durationMs: 1_000_500 },
      {
        id: 'org.example.SumTest > subtracts',
        status: 'failed',
        durationMs: 10,
        file: 'SumTest.java',
        line: 10,
        message: expect.stringContaining('expected: <3> but was: <-1>'),
      },
      { id: 'org.example.SumTest > later', status: 'skipped', durationMs: 0 },
    ]);
  });

  test('pytest: the class name is the module, and the file is not repeated', () => {
    const xml = `<testsuites><testsuite name="pytest" tests="1"><testcase classname="tests.test_a.TestB" name="test_c[1-2]" file="tests/test_a.py" line="3" time="0.5"/></testsuite></testsuites>`;
    expect(read(xml)).toEqual([
      { id: 'tests.test_a.TestB > test_c[1-2]', status: 'passed', durationMs: 500, file: 'tests/test_a.py' },
    ]);
  });

  test('vitest: the suite is the file', () => {
    const xml = `<testsuites><testsuite name="src/a.test.ts"><testcase classname="src/a.test.ts" name="sums &gt; adds" time="0.1"/></testsuite></testsuites>`;
    expect(read(xml)[0]?.id).toBe('src/a.test.ts > sums > adds');
  });

  test('nested suites with files: the whole path, with the place in the repository', () => {
    const xml = `<testsuites><testsuite name="outer"><testsuite name="inner"><testcase name="works" classname="inner" file="/box/work/test/a.js"><error message="boom">Error: boom
    at file:///box/work/test/a.js:7:3
    at node:internal/x:1:1</error></testcase></testsuite></testsuite></testsuites>`;
    expect(read(xml)).toEqual([
      {
        id: 'test/a.js > outer > inner > works',
        status: 'failed',
        durationMs: 0,
        file: 'test/a.js',
        line: 7,
        message: expect.stringContaining('boom'),
      },
    ]);
  });
});

describe('what other runners write', () => {
  const gradle = `<?xml version="1.0" encoding="UTF-8"?><testsuite name="org.example.SumTest" tests="2" skipped="1" failures="0" errors="0" timestamp="2026-03-01T12:00:00" hostname="h" time="0.03"><properties/><testcase name="adds()" classname="org.example.SumTest" time="0.02"/><testcase name="later()" classname="org.example.SumTest" time="0.0"><skipped/></testcase><system-out><![CDATA[<testcase name="no">]]></system-out><system-err><![CDATA[]]></system-err></testsuite>`;
  const jest = `<testsuites name="jest tests" tests="1" failures="1"><testsuite name="price" errors="0" failures="1"><testcase classname="price adds" name="price adds" time="0.002"><failure>Error: expect(received).toBe(expected)
    at Object.toBe (/box/work/src/price.test.js:5:20)
    at Promise.then.completed (/box/work/node_modules/jest-circus/build/utils.js:298:28)</failure></testcase></testsuite></testsuites>`;
  const node = `<testsuites><testsuite name="price" time="0.1" tests="2"><testcase name="adds" time="0.01" classname="test" file="/box/work/test/price.test.js"/><testcase name="later" time="0" classname="test" file="/box/work/test/price.test.js"><skipped type="skipped" message="true"/></testcase></testsuite><!-- tests 2 --></testsuites>`;
  const nextest = `<testsuites name="nextest-run" tests="2" failures="1" errors="0" uuid="3f2b8c1e-0000-4000-8000-000000000000"><testsuite name="sums::more" tests="2" disabled="0" errors="0" failures="1"><testcase name="adds" classname="sums::more" time="0.003"></testcase><testcase name="fails" classname="sums::more" time="0.003"><failure message="thread &apos;fails&apos; panicked at tests/more.rs:8:5" type="test failure with exit code 101">thread &apos;fails&apos; panicked at tests/more.rs:8:5:
assertion failed</failure><system-out>running 1 test</system-out></testcase></testsuite></testsuites>`;
  const gotestsum = `<testsuites tests="2" failures="1" errors="0" time="0.004"><testsuite tests="2" failures="1" time="0.004" name="example.com/shop/price" timestamp="2026-03-01T12:00:00Z"><properties><property name="go.version" value="go1.26"/></properties><testcase classname="example.com/shop/price" name="TestTotal/none" time="0.000"></testcase><testcase classname="example.com/shop/price" name="TestTotal" time="0.000"><failure message="Failed" type="">=== RUN   TestTotal&#xA;    price_test.go:14: Total = 180&#xA;--- FAIL: TestTotal (0.00s)&#xA;</failure></testcase></testsuite></testsuites>`;
  test.each<[string, string, object[]]>([
    [
      'Gradle',
      gradle,
      [
        { id: 'org.example.SumTest > adds()', status: 'passed' },
        { id: 'org.example.SumTest > later()', status: 'skipped' },
      ],
    ],
    ['jest-junit', jest, [{ id: 'price adds > price adds', status: 'failed', file: 'src/price.test.js', line: 5 }]],
    [
      "Node's own",
      node,
      [
        { id: 'test/price.test.js > price > adds', status: 'passed' },
        { id: 'test/price.test.js > price > later', status: 'skipped' },
      ],
    ],
    [
      'nextest',
      nextest,
      [
        { id: 'sums::more > adds', status: 'passed' },
        { id: 'sums::more > fails', status: 'failed', file: 'tests/more.rs', line: 8 },
      ],
    ],
    [
      'gotestsum',
      gotestsum,
      [
        { id: 'example.com/shop/price > TestTotal/none', status: 'passed' },
        { id: 'example.com/shop/price > TestTotal', status: 'failed', file: 'price_test.go', line: 14 },
      ],
    ],
  ])('%s', (_what, xml, expected) => {
    expect(read(xml)).toMatchObject(expected);
  });

  test('what went wrong comes before the pages of source that pytest shows', () => {
    const source = Array.from({ length: 60 }, (_, index) => `    line_${index}()`).join('\n');
    const [result] = read(
      `<testsuite name="pytest"><testcase classname="tests.test_a" name="test_b"><failure message="Failed: DID NOT RAISE KeyError">def test_b():\n${source}\nE   Failed: DID NOT RAISE KeyError\n\ntests/test_a.py:68: Failed</failure></testcase></testsuite>`,
    );
    expect(result?.message?.split('\n')[0]).toBe('Failed: DID NOT RAISE KeyError');
    expect(result).toMatchObject({ file: 'tests/test_a.py', line: 68 });
  });
});

describe('hostile reports', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${'bcdefghij'
    .split('')
    .map((name, index) => `<!ENTITY ${name} "${`&${'abcdefghi'[index]};`.repeat(10)}">`)
    .join('')}]><testsuite name="&j;"><testcase name="&j;"/></testsuite>`;
  test.each([
    ['a bomb of entities', bomb],
    [
      'an external entity',
      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><testsuite name="x"><testcase name="&e;"/></testsuite>',
    ],
    ['nesting without end', `${'<testsuite name="a">'.repeat(20_000)}${'</testsuite>'.repeat(20_000)}`],
    ['a cut report', '<testsuites><testsuite name="a"><testcase name="b"/>'],
    ['comments without end', `<testsuite name="a">${'<!--'.repeat(500_000)}`],
    ['tags without end', '<testsuite '.repeat(300_000)],
    ['quotes without end', `<testsuite name="${"'<a b=".repeat(300_000)}`],
    ['text without end', `<testsuite name="a">${'<![CDATA['.repeat(300_000)}`],
    ['attributes without end', `<testsuite ${'a="1" '.repeat(200_000)}`],
    ['no XML at all', 'BUILD SUCCESS'],
    ['some other XML', '<html><body/></html>'],
    ['nothing', ''],
  ])('%s is refused, quickly', (_what, xml) => {
    const began = performance.now();
    expect(() => read(xml)).toThrow();
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('entities in names stay as they are, but for the five of XML and characters by number', () => {
    expect(read('<testsuite name="s"><testcase name="&custom; &amp; &#65; &#x42;"/></testsuite>')[0]?.id).toBe(
      's > &custom; & A B',
    );
  });

  test('messages lose escape codes, invisible characters and secrets', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    const [result] = read(
      `<testsuite name="s"><testcase name="t"><failure message="&#27;[31mred&#27;[0m \u202Eabc ${token}"/></testcase></testsuite>`,
    );
    expect(result?.message).toBe('red abc ghp_***');
  });

  test('many attributes, entities and comments are read in bounded time', () => {
    const began = performance.now();
    const parts = [
      '<!-- x -->'.repeat(100_000),
      '&amp;'.repeat(200_000),
      '<p/>'.repeat(100_000),
      `<q ${Array.from({ length: 20_000 }, (_, index) => `a${index}="1"`).join(' ')}/>`,
    ];
    for (const part of parts)
      expect(read(`<testsuite name="s">${part}<testcase name="t"/></testsuite>`)).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test('many tests are read in bounded time', () => {
    const xml = `<testsuite name="s">${'<testcase name="t" classname="c" time="0.1"/>'.repeat(50_000)}</testsuite>`;
    const began = performance.now();
    expect(read(xml)).toHaveLength(50_000);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
