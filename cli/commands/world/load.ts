import { readFile, stat } from 'node:fs/promises';
import { AirherdError } from '../../../protocol/errors.ts';
import { siteCast } from '../../../world/engine/cast.ts';
import { undisturbed } from '../../../world/engine/network.ts';
import { World, type WorldOptions } from '../../../world/engine/world.ts';
import { readHappenings } from '../../../world/happenings/file.ts';
import { Timeline } from '../../../world/happenings/timeline.ts';
import { tooLarge } from '../../../world/site/located-yaml.ts';
import type { Site } from '../../../world/site/model.ts';
import { readPlan } from '../../../world/site/plan-file.ts';
import { Truth } from '../../../world/truth/truth.ts';

/** The text of a file that is not larger than is read of any; others are not even opened. */
async function textOf(path: string): Promise<string> {
  const missing = (error: Error): never => {
    throw new AirherdError('input-missing', { path, detail: error.message });
  };
  const size = tooLarge((await stat(path).catch(missing)).size);
  if (size !== null) refuse(path, [{ line: 0, path: '', message: size }]);
  return readFile(path, 'utf8').catch(missing);
}

/** Prints every problem with its line, then throws site-invalid. */
function refuse(path: string, problems: readonly { line: number; path: string; message: string }[]): never {
  for (const { line, path: where, message } of problems) {
    console.error(`${path}:${line}: ${where ? `${where}: ` : ''}${message}`);
  }
  throw new AirherdError('site-invalid', { path, count: problems.length });
}

export async function loadSite(path: string): Promise<Site> {
  const plan = readPlan(await textOf(path));
  return plan.ok ? plan.site : refuse(path, plan.problems);
}

/** What goes wrong when, from a file; nothing without one. */
export async function loadTimeline(site: Site, path: string | undefined): Promise<Timeline | null> {
  if (path === undefined) return null;
  const happenings = readHappenings(await textOf(path), site);
  return happenings.ok ? new Timeline(site, happenings.value) : refuse(path, happenings.problems);
}

export interface WorldFiles {
  happenings?: string;
  /** Instead of the file's own. */
  seed?: number;
  clients?: number;
}

/** A site with the people that its seed gives it, and what is so in it. */
export async function loadScene(
  path: string,
  { happenings, seed, clients }: WorldFiles = {},
  options: WorldOptions = {},
): Promise<{ world: World; truth: Truth }> {
  const read = await loadSite(path);
  const site = seed === undefined ? read : { ...read, seed };
  const timeline = await loadTimeline(site, happenings);
  const conditionsAt = timeline?.conditionsAt ?? undisturbed;
  const world = new World(site, siteCast(site, { conditionsAt, clients }), { ...options, conditionsAt });
  return { world, truth: new Truth(world, timeline) };
}

export const loadWorld = async (
  path: string,
  files: WorldFiles = {},
  options: WorldOptions = {},
): Promise<World> => (await loadScene(path, files, options)).world;
