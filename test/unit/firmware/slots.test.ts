/** Slots: what boots after each step, and after a death at any write of any step. */
import { describe, expect, test } from 'vitest';
import { Slots } from '../../../agent/index.ts';
import { MemoryFiles } from '../../../platform/sim/files.ts';
import { readManifest } from '../../../protocol/firmware/manifest.ts';
import { firmwareKey, firmwareOf, type TestFirmware } from '../../support/firmware.ts';

const { privateKey } = firmwareKey();
const of = (version: string, sequenceNumber: number) =>
  firmwareOf(privateKey, version, { sequenceNumber, config: `report: { statsMs: ${sequenceNumber} }` });
const [second, third] = [await of('2.0', 5), await of('3.0', 6)];
const open = (files: MemoryFiles) => Slots.open(files, '1.0');

function manifestOf({ manifest }: TestFirmware) {
  const read = readManifest(manifest);
  if (!read.ok) throw new Error(read.detail);
  return read.manifest;
}

async function install(slots: Slots, files: MemoryFiles, firmware: TestFirmware, id: string): Promise<void> {
  const manifest = manifestOf(firmware);
  const name = await slots.target(manifest);
  const half = firmware.payload.length >> 1;
  await files.append(name, firmware.payload.subarray(0, half));
  await files.append(name, firmware.payload.subarray(half));
  await slots.stage(manifest, id);
}

const booted = async (files: MemoryFiles) => {
  const { version, slot, trial } = await (await open(files)).boot();
  return `${version} ${slot}${trial === null ? '' : ` trial ${trial}`}`;
};

describe('boots', () => {
  test('the factory image, then what was committed, from one slot to the other', async () => {
    const files = new MemoryFiles();
    expect(await booted(files)).toBe('1.0 a');
    const slots = await open(files);
    await slots.boot();
    await install(slots, files, second, 'o1');
    expect(slots.counter).toBe(0);
    const next = await open(files);
    const boot = await next.boot();
    expect(boot).toEqual({ version: '2.0', slot: 'b', settings: { report: { statsMs: 5 } }, trial: 'o1' });
    expect(next.counter).toBe(0);
    await next.commit();
    expect([next.counter, next.outcome]).toEqual([
      5,
      { id: 'o1', version: '2.0', phase: 'committed', reported: false },
    ]);
    expect(await booted(files)).toBe('2.0 b');
    await install(next, files, third, 'o2');
    expect(await booted(files)).toBe('3.0 a trial o2');
  });

  test('what never becomes healthy three times, and then what was before', async () => {
    const files = new MemoryFiles();
    const slots = await open(files);
    await install(slots, files, second, 'o1');
    for (let i = 0; i < 3; i++) expect(await booted(files)).toBe('2.0 b trial o1');
    expect(await booted(files)).toBe('1.0 a');
    const { outcome, counter, trial } = await open(files);
    expect([counter, trial]).toEqual([0, null]);
    expect(outcome).toEqual({
      ...{ id: 'o1', version: '2.0', phase: 'rolled-back', code: 'firmware-unhealthy', reported: false },
      detail: 'firmware 2.0 was not healthy: it was started 3 times; the version before it runs again',
    });
    expect(await booted(files)).toBe('1.0 a');
  });

  test('what was before, when the new image is damaged on the disk', async () => {
    const files = new MemoryFiles();
    await install(await open(files), files, second, 'o1');
    for (const [name, bytes] of files.contents) if (name.startsWith('slot-b')) bytes[40] ^= 1;
    expect(await booted(files)).toBe('1.0 a');
    expect((await open(files)).outcome?.detail).toContain('its SHA-256 differs');
  });

  test('the factory image, when record or active image are damaged by others', async () => {
    const files = new MemoryFiles();
    const slots = await open(files);
    await install(slots, files, second, 'o1');
    await slots.commit();
    files.contents.set('boot.json', Buffer.from('{"v":1,'));
    expect(await booted(files)).toBe('1.0 a');
  });

  test('an image that was rolled back is not what an emergency falls back to', async () => {
    const files = new MemoryFiles();
    const slots = await open(files);
    await install(slots, files, second, 'o1');
    await slots.commit();
    await install(slots, files, third, 'o2');
    await slots.rollBack('it is bad');
    for (const [name, bytes] of files.contents) if (name.startsWith('slot-b')) bytes[40] ^= 1;
    expect(await booted(files)).toBe('1.0 a');
  });
});

/** Dies at its n-th change of the disk: before it, or in the middle of an append. */
class DyingFiles extends MemoryFiles {
  left: number;
  constructor(left: number) {
    super();
    this.left = left;
  }
  private change(): void {
    if (this.left-- <= 0) throw new Error('killed');
  }
  override async append(name: string, bytes: Uint8Array): Promise<void> {
    if (this.left === 0) await super.append(name, bytes.subarray(0, bytes.length >> 1));
    this.change();
    await super.append(name, bytes);
  }
  override async replace(name: string, bytes: Uint8Array): Promise<void> {
    this.change();
    await super.replace(name, bytes);
  }
  override async remove(name: string): Promise<void> {
    this.change();
    await super.remove(name);
  }
}

test('a death at any change leaves what boots: the old version, or the whole new one', async () => {
  const seen = new Set<string>();
  for (let deathAt = 0; deathAt < 40; deathAt++) {
    const files = new DyingFiles(deathAt);
    try {
      const slots = await open(files);
      await slots.boot();
      await install(slots, files, second, 'o1');
      const trial = await open(files);
      await trial.boot();
      await trial.commit();
      await install(trial, files, third, 'o2');
      const last = await open(files);
      await last.boot();
      await last.rollBack('cut off');
      await last.reported();
      seen.add('to the end');
    } catch (error) {
      expect((error as Error).message).toBe('killed');
    }
    files.left = Number.POSITIVE_INFINITY;
    const what = await booted(files);
    expect(what).toMatch(/^(1\.0 a|2\.0 b|2\.0 b trial o1|3\.0 a trial o2)$/);
    seen.add(what);
  }
  // The control: every state was met.
  expect([...seen].sort()).toEqual(['1.0 a', '2.0 b', '2.0 b trial o1', '3.0 a trial o2', 'to the end']);
});
