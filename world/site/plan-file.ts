/**
 * A site as YAML, as people write it. Reading lists every problem at once, with its line: what the values are,
 * and what they make together.
 */
import { stringify } from 'yaml';
import { checkSite } from './check.ts';
import { byLine, type LocatedProblem, parseLocated, schemaProblems } from './located-yaml.ts';
import type { Site } from './model.ts';
import { siteSchema } from './plan-schema.ts';

const strict = siteSchema('strict');
const lenient = siteSchema('lenient');

export type PlanFile = { ok: true; site: Site } | { ok: false; problems: LocatedProblem[] };

export const writePlan = (site: Site): string =>
  stringify(site, { aliasDuplicateObjects: false, lineWidth: 110 });

export function readPlan(text: string): PlanFile {
  const yaml = parseLocated(text);
  if (!yaml.ok) return yaml;
  const { data } = yaml.value;
  const parsed = strict.safeParse(data);
  const wrong = parsed.success ? [] : schemaProblems(parsed.error, yaml.value);
  // What is no site at all has no floors, no servers and so on; that is said already.
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    return { ok: false, problems: byLine(wrong) };
  const broken = wrong.map(({ path }) => path);
  const touches = (path: string) => broken.some((other) => isWithin(other, path) || isWithin(path, other));
  const rest = parsed.success ? parsed : lenient.safeParse(data);
  const found = (rest.success ? checkSite(rest.data, touches) : [])
    .filter(({ path }) => !touches(path))
    .map((problem) => ({ ...problem, line: yaml.value.lineOf(keysOf(problem.path)) }));
  const problems = byLine([...wrong, ...found]);
  if (problems.length > 0 || !parsed.success) return { ok: false, problems };
  return { ok: true, site: parsed.data };
}

/** `floors[0].rooms[3].outline` as its keys. */
const keysOf = (path: string): (string | number)[] =>
  path
    .split(/[.[\]]+/)
    .filter(Boolean)
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));

/** Whether `inner` is `outer` or a part of it. */
const isWithin = (inner: string, outer: string): boolean =>
  inner.startsWith(outer) && (inner.length === outer.length || /[.[]/.test(inner[outer.length]));
