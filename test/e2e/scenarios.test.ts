/** Every scenario of the gallery holds, each in a lab of its own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readScenario } from '../../testing/scenario/file.ts';
import { runScenario } from '../../testing/scenario/run.ts';

const GALLERY = resolve(import.meta.dirname, '../../scenarios');
const files = readdirSync(GALLERY).filter((name) => name.endsWith('.yaml'));

describe('the gallery', () => {
  test('is a gallery', () => expect(files.length).toBeGreaterThanOrEqual(20));

  test.each(files)('%s', async (name) => {
    const scenario = readScenario(readFileSync(join(GALLERY, name), 'utf8'));
    if (!scenario.ok) throw new Error(JSON.stringify(scenario.problems));
    const result = await runScenario(scenario.value, name);
    expect(result.steps.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
  });
});
