import { describe, expect, test } from 'vitest';
import { printable } from '../../../cli/printable.ts';
import { table } from '../../../cli/table.ts';
import { byteCount, cells, shorten } from '../../../cli/text.ts';

describe('text for a terminal', () => {
  test('hostile names cannot steer the terminal', () => {
    expect(printable('a\u001b[2Jb\r\nc\u202ed\u2028e\u0000\u009bf')).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
    expect(printable('Zoë’s laptop 📶')).toBe('Zoë’s laptop 📶');
  });

  test('fits by cells, not by characters', () => {
    expect(shorten('abcdef', 4)).toBe('abc…');
    expect(cells(shorten('日本語テキスト', 6))).toBeLessThanOrEqual(6);
    expect(shorten('abc', 3)).toBe('abc');
    expect(shorten('abc', 0)).toBe('');
  });

  test('bytes', () => {
    expect([0, 1023, 1024, 1536, 5 * 2 ** 30].map(byteCount)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '5.0 GiB',
    ]);
  });
});

describe('table', () => {
  const columns = [
    { title: 'MAC' },
    { title: 'NAME', minWidth: 4 },
    { title: 'RSSI', align: 'right' as const },
  ];

  test('aligns, and takes width from the columns that may give it', () => {
    const rows = [
      ['02:00:00:00:00:01', 'a-rather-long-host-name', '-60'],
      ['02:00:00:00:00:02', 'b', '-7'],
    ];
    expect(table(columns, rows, 80)).toEqual([
      'MAC                NAME                     RSSI',
      '02:00:00:00:00:01  a-rather-long-host-name   -60',
      '02:00:00:00:00:02  b                          -7',
    ]);
    expect(table(columns, rows, 35)).toEqual([
      'MAC                NAME        RSSI',
      '02:00:00:00:00:01  a-rather-…   -60',
      '02:00:00:00:00:02  b             -7',
    ]);
  });

  test('one row stays one line, whatever its text', () => {
    for (const line of table(columns, [['x\ny', '\u001b[31m', '']], 40)) expect(line).not.toMatch(/\p{Cc}/u);
  });
});
