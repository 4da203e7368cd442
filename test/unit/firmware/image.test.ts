/** Images, with GNU tar and gzip on the other side. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkPayload, MOST_UNPACKED_BYTES, packImage, readImage } from '../../../protocol/firmware/image.ts';

const dir = mkdtempSync(join(tmpdir(), 'airherd-image-'));
afterAll(() => rmSync(dir, { recursive: true }));

const CONFIG = 'report: { statsMs: 5000 }\n';
const refusal = (payload: Uint8Array): Promise<string> =>
  readImage(payload, '1.2.0').then(
    () => 'accepted',
    (error) => `${error.code}: ${error.message}`,
  );
/** An archive as GNU tar makes it of files that are there. */
function gnuTar(...args: string[]): Buffer {
  execFileSync('tar', ['-czf', 'made.tar.gz', '-P', '--format=ustar', ...args], { cwd: join(dir, 'in') });
  return readFileSync(join(dir, 'in', 'made.tar.gz'));
}

beforeAll(() => {
  mkdirSync(join(dir, 'in', 'sub'), { recursive: true });
  writeFileSync(join(dir, 'in', 'firmware.json'), '{"version":"1.2.0"}');
  writeFileSync(join(dir, 'in', 'config.yaml'), CONFIG);
  writeFileSync(join(dir, 'in', 'sub', 'notes.txt'), 'notes');
  writeFileSync(join(dir, 'outside'), 'x');
  symlinkSync('/etc/passwd', join(dir, 'in', 'link'));
});

describe('what we make', () => {
  test('is listed and unpacked by tar, and is the same each time', async () => {
    const files = [
      { name: 'config.yaml', bytes: Buffer.from(CONFIG) },
      { name: 'sub/notes.txt', bytes: Buffer.from('notes') },
    ];
    const image = await packImage('1.2.0', files);
    expect(await packImage('1.2.0', [...files].reverse())).toEqual(image);
    const path = join(dir, 'ours.tar.gz');
    writeFileSync(path, image);
    expect(execFileSync('tar', ['tf', path], { encoding: 'utf8' }).split('\n')).toEqual([
      'config.yaml',
      'firmware.json',
      'sub/notes.txt',
      '',
    ]);
    expect(execFileSync('tar', ['xOf', path, 'config.yaml'], { encoding: 'utf8' })).toBe(CONFIG);
    expect(await readImage(image, '1.2.0')).toEqual({ version: '1.2.0', config: CONFIG });
  });
});

describe('what GNU tar makes', () => {
  test('is read', async () => {
    const image = gnuTar('firmware.json', 'config.yaml', 'sub');
    expect(await readImage(image, '1.2.0')).toEqual({ version: '1.2.0', config: CONFIG });
  });

  test('is refused where a name could leave the folder, or is a link', async () => {
    expect(await refusal(gnuTar('firmware.json', '../outside'))).toBe(
      'firmware-image: the image of firmware 1.2.0 cannot be used: ../outside would leave the folder that it is unpacked to',
    );
    expect(await refusal(gnuTar('firmware.json', join(dir, 'outside')))).toMatch(
      /outside would leave the folder/,
    );
    expect(await refusal(gnuTar('firmware.json', 'sub/../../outside'))).toMatch(/would leave the folder/);
    expect(await refusal(gnuTar('firmware.json', 'link'))).toMatch(
      /link is a symlink; only files and folders/,
    );
  });

  test('is refused where it is cut off, wherever, compressed or not', async () => {
    const image = gnuTar('firmware.json', 'config.yaml');
    const tar = gunzipSync(image);
    for (let length = 0; length < image.length; length += 10) {
      expect(await refusal(image.subarray(0, length))).toMatch(
        /^firmware-image: .*it is not gzip, or cut off$/,
      );
    }
    // What tar appends beyond the end of the archive is padding (POSIX ustar: two zero blocks end it).
    for (let length = 0; length < 4 * 512; length += 100) {
      expect(await refusal(gzipSync(tar.subarray(0, length)))).toMatch(
        /^firmware-image: .*(truncated|has no firmware)/,
      );
    }
  });
});

describe('what is refused', () => {
  test('a bomb: a few KB that unpack to more than any image', async () => {
    const bomb = gzipSync(Buffer.alloc(MOST_UNPACKED_BYTES + 1), { level: 1 });
    expect(bomb.length).toBeLessThan(MOST_UNPACKED_BYTES / 200);
    expect(await refusal(bomb)).toMatch(/it unpacks to more than 67108864 bytes$/);
  });

  test('more entries than any image', async () => {
    const many = Array.from({ length: 4097 }, (_, i) => ({ name: `f${i}`, bytes: Buffer.alloc(0) }));
    expect(await refusal(await packImage('1.2.0', many))).toMatch(/more than 4096 entries$/);
  });

  test("another version's image, one that says nothing, and settings of megabytes", async () => {
    expect(await refusal(await packImage('1.3.0', []))).toMatch(/it says that it is 1.3.0$/);
    expect(await refusal(gnuTar('config.yaml'))).toMatch(/it has no firmware.json$/);
    const large = [{ name: 'config.yaml', bytes: Buffer.alloc(70_000, '#') }];
    expect(await refusal(await packImage('1.2.0', large))).toMatch(
      /its config.yaml has more than 65536 bytes$/,
    );
    expect(await refusal(gzipSync('no archive at all'.repeat(100)))).toMatch(/^firmware-image: /);
  });
});

test('sha256sum and we agree on what the payload is', async () => {
  const image = await packImage('1.2.0', []);
  const path = join(dir, 'sum.tar.gz');
  writeFileSync(path, image);
  const [sha256] = execFileSync('sha256sum', [path], { encoding: 'utf8' }).split(' ');
  const check = (payload: Uint8Array) => () =>
    checkPayload(payload, { version: '1.2.0', payload: { size: image.length, sha256 } });
  expect(check(image)).not.toThrow();
  const changed = Buffer.from(image);
  changed[image.length - 1] ^= 1;
  expect(check(changed)).toThrow('its SHA-256 differs');
  expect(check(image.subarray(1))).toThrow(`it has ${image.length - 1} bytes, not ${image.length}`);
});
