import { expect, test } from 'vitest';
import { plainLine } from '../../../cli/watched-log.ts';

const line = (fields: object) =>
  plainLine(JSON.stringify({ level: 40, time: Date.UTC(2026, 0, 1), pid: 1, hostname: 'h', ...fields }));

test('time, level, code, text, then what else there is', () => {
  const told = line({ code: 'proof-wrong', serial: 'AH0000000001', remoteAddress: '::1', msg: 'wrong' });
  expect(told).toMatch(
    /^\d\d:\d\d:\d\d warn {2}proof-wrong: wrong \(serial=AH0000000001, remoteAddress=::1\)$/,
  );
  expect(line({ msg: 'ready', serial: null })).toMatch(/ warn {2}ready$/);
});

test('hostile text stays on its line', () => {
  const told = line({ msg: 'a\u001b[2Jb\nc' });
  expect(told).not.toContain('\u001b');
  expect(told).not.toContain('\n');
});
