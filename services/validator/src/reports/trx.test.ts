import { expect, test } from 'vitest';
import { readTrx } from './trx.ts';

const layout = { work: '/box/work', cache: '', reports: '', kit: '', home: '' };
const report = (results: string) =>
  `<?xml version="1.0" encoding="utf-8"?><TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Times/><Results>${results}</Results><TestDefinitions/></TestRun>`;

test('TRX gives tests with their outcome, time, message and place', () => {
  const xml = report(
    `<UnitTestResult testName="Shop.Tests.PriceTest.Adds" duration="00:00:01.2500000" outcome="Passed"/>
     <UnitTestResult testName="Shop.Tests.PriceTest.Later" outcome="NotExecuted"/>
     <UnitTestResult testName="Shop.Tests.PriceTest.Fails(cents: 1)" duration="00:00:00.01" outcome="Failed"><Output><ErrorInfo><Message>Expected: 3&#xD;
But was: 4 &amp; more</Message><StackTrace>   at Shop.Tests.PriceTest.Fails(Int32 cents) in /box/work/test/PriceTest.cs:line 12</StackTrace></ErrorInfo></Output></UnitTestResult>`,
  );
  expect(readTrx(xml, layout)).toEqual([
    { id: 'Shop.Tests.PriceTest.Adds', status: 'passed', durationMs: 1250 },
    { id: 'Shop.Tests.PriceTest.Later', status: 'skipped', durationMs: 0 },
    {
      id: 'Shop.Tests.PriceTest.Fails(cents: 1)',
      status: 'failed',
      durationMs: 10,
      message: expect.stringContaining('But was: 4 & more'),
      file: 'test/PriceTest.cs',
      line: 12,
    },
  ]);
});

test.each(['<testsuites/>', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><TestRun/>', '', 'BUILD SUCCESS'])(
  '%s is refused',
  (xml) => {
    expect(() => readTrx(xml, layout)).toThrow();
  },
);
