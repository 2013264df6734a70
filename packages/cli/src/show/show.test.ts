import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { type View, viewOf } from '../terminal.ts';
import { bar, bars, gauge, sparkline } from './bars.ts';
import { toJsonLine } from './json.ts';
import { table } from './table.ts';
import { coarse, plainText, relative } from './words.ts';

const view = (width: number, color = false): View => ({
  ...viewOf({ write: () => {} }, color ? { FORCE_COLOR: '1' } : {}),
  width,
});
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => stringWidth(line)));
const columns = [
  { title: 'Task', flexible: true },
  { title: 'Cost', align: 'right' as const },
  { title: 'What', flexible: true },
];

describe('table', () => {
  it('aligns its columns, whatever their characters are wide', () => {
    const text = table(
      columns,
      [
        ['a', '$1.00', 'x'],
        ['日本', '$10.00', 'y'],
      ],
      view(80),
    );

    expect(text.split('\n')).toEqual(['Task    Cost  What', 'a      $1.00  x', '日本  $10.00  y']);
  });

  it.each([40, 60, 100])('fits %i columns and loses no text, coloured or not', (width) => {
    const words = 'the quick brown fox jumps over the lazy dog again and again and again and again';
    for (const color of [false, true]) {
      const { paint } = view(width, color);
      const text = table(
        columns,
        [['a_rather_long_task_id_0000000000001', '$1.00', paint('red', words)]],
        view(width, color),
      );

      expect(widest(text)).toBeLessThanOrEqual(width);
      expect(plainText(text).replace(/\s+/g, '')).toContain('again');
    }
  });

  it('leaves out what may be left out, the last first, before it is too wide', () => {
    const wide = ['Number', 'Name', 'Note'].map((title, i) => ({ title, droppable: i > 0 }));

    expect(table(wide, [['1', 'n'.repeat(30), 'o'.repeat(30)]], view(40)).split('\n')).toEqual([
      'Number  Name',
      `1       ${'n'.repeat(30)}`,
    ]);
  });

  it('is as wide as it likes where no terminal cuts it', () => {
    expect(table(columns, [['a', '$1', 'x'.repeat(500)]], view(Number.POSITIVE_INFINITY)).split('\n')).toHaveLength(2);
  });
});

describe('bars', () => {
  it('are exact to an eighth of a column, and anything above nothing is seen', () => {
    expect(bar(0, 10)).toBe('');
    expect(bar(0.0001, 10)).toBe('▏');
    expect(bar(0.5, 10)).toBe('█████');
    expect(bar(0.5625, 2)).toBe('█▏');
    expect(gauge(0.999, 4)).toBe('[███·]');
    expect(gauge(1, 4)).toBe('[████]');
  });

  it('fit the view', () => {
    expect(
      widest(
        bars(
          [
            { label: 'one', value: 1 },
            { label: 'a longer one', value: 1000, text: '$1,000.00' },
          ],
          view(50),
        ),
      ),
    ).toBeLessThanOrEqual(50);
  });
});

describe('words', () => {
  it('tell lengths of time by their two largest units', () => {
    expect(coarse(90_061_000)).toBe('1d1h');
    expect(coarse(200)).toBe('1s');
    expect(relative(new Date(60_000), new Date(0))).toBe('in 1m');
    expect(relative(new Date(0), new Date(60_000))).toBe('1m ago');
  });

  it('lose what a terminal would act on', () => {
    expect(plainText('a\u001b[31mb\u001b[0m\u0007\u202ec\r\n\td')).toBe('abc\n\td');
  });
});

describe('toJsonLine', () => {
  it('writes amounts exactly and on one line', () => {
    expect(toJsonLine({ amount: 12345678901234567890n, at: new Date(0), text: 'a\nb' })).toBe(
      '{"amount":"12345678901234567890","at":"1970-01-01T00:00:00.000Z","text":"a\\nb"}\n',
    );
  });
});

describe('sparkline', () => {
  it('is as high as the largest, tells nothing from a little, and shows what is not known as a dot', () => {
    expect(sparkline([0, 1, 100, null, 50], 10)).toBe('▁▂█·▅');
    expect(sparkline([], 10)).toBe('');
    expect(sparkline([0, 0], 10)).toBe('▁▁');
  });

  it('shows the latest where there is no room for all', () => {
    expect(sparkline([1, 2, 3, 4], 2)).toBe('▆█');
  });
});
