import { readFile } from 'node:fs/promises';
import { AirherdError } from '../../../protocol/errors.ts';
import { siteCast } from '../../../world/engine/cast.ts';
import { type ConditionsAt, undisturbed } from '../../../world/engine/network.ts';
import { World, type WorldOptions } from '../../../world/engine/world.ts';
import { readHappenings } from '../../../world/happenings/file.ts';
import { Timeline } from '../../../world/happenings/timeline.ts';
import type { Site } from '../../../world/site/model.ts';
import { readPlan } from '../../../world/site/plan-file.ts';

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: Error) => {
    throw new AirherdError('input-missing', { path, detail: error.message });
  });
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
export async function loadConditions(site: Site, path: string | undefined): Promise<ConditionsAt> {
  if (path === undefined) return undisturbed;
  const happenings = readHappenings(await textOf(path), site);
  return happenings.ok
    ? new Timeline(site, happenings.value).conditionsAt
    : refuse(path, happenings.problems);
}

export interface WorldFiles {
  happenings?: string;
  /** Instead of the file's own. */
  seed?: number;
  clients?: number;
}

/** A site with the people that its seed gives it. */
export async function loadWorld(
  path: string,
  { happenings, seed, clients }: WorldFiles = {},
  options: WorldOptions = {},
): Promise<World> {
  const read = await loadSite(path);
  const site = seed === undefined ? read : { ...read, seed };
  const conditionsAt = await loadConditions(site, happenings);
  return new World(site, siteCast(site, { conditionsAt, clients }), { ...options, conditionsAt });
}
