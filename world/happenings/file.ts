/**
 * Happenings as people write them:
 *
 *     happenings:
 *       - kind: dhcp-dead
 *         at: 2026-03-02T09:30        # local time; or daily: "09:30", or perDay: 2 for chance
 *         for: 10m
 *       - script: bad-morning
 *         at: 2026-03-03T08:00
 *         steps:
 *           - { kind: poe-loss, switch: sw-f0, after: 0s, for: 5m }
 *           - { kind: crowd, factor: 4, after: 10m, for: 1h }
 */
import { z } from 'zod';
import { daysFromCivil } from '../calendar.ts';
import {
  byLine,
  type LocatedPath,
  type LocatedProblem,
  type LocatedYaml,
  parseLocated,
  pathText,
  type Reading,
  schemaProblems,
} from '../site/located-yaml.ts';
import type { Site } from '../site/model.ts';
import { duration, type HappeningKind, KINDS } from './kinds.ts';

/** When something begins, by the site's clocks. */
export type When =
  | { at: { day: number; msOfDay: number } }
  | { daily: number }
  /** So many a day, at any time, independent of each other. */
  | { perDay: number };

export interface Step {
  kind: HappeningKind;
  afterMs: number;
  forMs: number;
  /** As it stands in the file, found good. */
  written: unknown;
}

export interface Happening {
  name: string;
  when: When;
  steps: readonly Step[];
}

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time of day as "09:30", with quotes')
  .transform((text) => (Number(text.slice(0, 2)) * 60 + Number(text.slice(3))) * 60_000);

const LOCAL = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;
const AT_MESSAGE = 'write the local time as 2026-03-02T09:30';
const localTime = z.string({ error: AT_MESSAGE }).transform((text, context) => {
  const match = LOCAL.exec(text);
  const [year, month, day, hour, minute, second] = (match ?? []).slice(1).map((part) => Number(part ?? 0));
  const inMonth = match && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  if (!inMonth) {
    context.addIssue({ code: 'custom', message: `there is no ${text}; ${AT_MESSAGE}` });
    return z.NEVER;
  }
  const msOfDay = ((hour * 60 + minute) * 60 + (second || 0)) * 1000;
  return { day: daysFromCivil(year, month, day), msOfDay };
});

function daysIn(year: number, month: number): number {
  const next = month === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, month + 1, 1);
  return next - daysFromCivil(year, month, 1);
}

const when = {
  at: localTime.optional(),
  daily: timeOfDay.optional(),
  perDay: z.number().gt(0).max(1000).optional(),
};

const whenSchema = z.object(when);
const timingSchema = z.object({ for: duration, after: duration.default(0) });

const scriptSchema = z.strictObject({
  script: z.string().min(1).max(64),
  ...when,
  steps: z.array(z.unknown()).min(1),
});
const fileSchema = z.strictObject({ happenings: z.array(z.unknown()) });

const names = Object.keys(KINDS).join(', ');

const isKind = (name: unknown): name is HappeningKind =>
  typeof name === 'string' && Object.hasOwn(KINDS, name);

/** All that is wrong at once, each with its line; names that the site does not have among it. */
export function readHappenings(text: string, site: Site): Reading<Happening[]> {
  const yaml = parseLocated(text);
  if (!yaml.ok) return yaml;
  const file = fileSchema.safeParse(yaml.value.data);
  if (!file.success) return { ok: false, problems: schemaProblems(file.error, yaml.value) };
  const reader = new HappeningReader(yaml.value, site);
  const happenings = file.data.happenings.flatMap((item, i) => reader.happening(item, i) ?? []);
  if (reader.problems.length > 0) return { ok: false, problems: byLine(reader.problems) };
  return { ok: true, value: happenings };
}

class HappeningReader {
  readonly problems: LocatedProblem[] = [];
  private readonly yaml: LocatedYaml;
  private readonly site: Site;

  constructor(yaml: LocatedYaml, site: Site) {
    this.yaml = yaml;
    this.site = site;
  }

  private add(path: LocatedPath, message: string): void {
    this.problems.push({ path: pathText(path), line: this.yaml.lineOf(path), message });
  }

  happening(item: unknown, index: number): Happening | null {
    const at = ['happenings', index];
    if (typeof item === 'object' && item !== null && 'script' in item) {
      const script = scriptSchema.safeParse(item);
      if (!script.success) {
        this.problems.push(...schemaProblems(script.error, this.yaml, at));
        return null;
      }
      const begins = this.when(item, at);
      const steps = script.data.steps.map((step, s) =>
        this.step(step, [...at, 'steps', s], { after: duration.default(0) }),
      );
      const sound = steps.filter((step) => step !== null);
      if (!begins || sound.length < steps.length) return null;
      return { name: script.data.script, when: begins, steps: sound };
    }
    const step = this.step(item, at, when);
    const begins = step && this.when(item, at);
    return step && begins ? { name: step.kind, when: begins, steps: [step] } : null;
  }

  private step(item: unknown, at: LocatedPath, also: z.ZodRawShape): Step | null {
    const kind = typeof item === 'object' && item !== null && 'kind' in item ? item.kind : undefined;
    if (!isKind(kind)) {
      const written = kind === undefined ? 'no kind' : `no kind ${String(kind)}`;
      this.add([...at, 'kind'], `${written}; there are ${names}`);
      return null;
    }
    const schema = z.strictObject({ kind: z.literal(kind), for: duration, ...also, ...KINDS[kind].shape });
    const parsed = schema.safeParse(item);
    if (!parsed.success) {
      this.problems.push(...schemaProblems(parsed.error, this.yaml, at));
      return null;
    }
    const write: Record<string, unknown> = parsed.data;
    this.checkNames(kind, write, at);
    const timing = timingSchema.parse(item);
    return { kind, afterMs: timing.after, forMs: timing.for, written: item };
  }

  private when(item: unknown, path: LocatedPath): When | null {
    const { at, daily, perDay } = whenSchema.parse(item);
    const given: When[] = [
      ...(at === undefined ? [] : [{ at }]),
      ...(daily === undefined ? [] : [{ daily }]),
      ...(perDay === undefined ? [] : [{ perDay }]),
    ];
    if (given.length === 1) return given[0];
    this.add(path, 'write one of at: 2026-03-02T09:30, daily: "09:30", perDay: 2');
    return null;
  }

  /** Names in a happening are names of the site. */
  private checkNames(kind: HappeningKind, write: Readonly<Record<string, unknown>>, at: LocatedPath): void {
    const { accessPoints, switches, floors, networks } = this.site;
    const among = (key: string, known: readonly (string | number)[], value: unknown = write[key]) => {
      if (value === undefined || known.some((item) => item === value)) return;
      const some = known.slice(0, 12).join(', ') + (known.length > 12 ? ', …' : '');
      this.add([...at, key], `no ${key} ${String(value)}; there are ${some || 'none'}`);
    };
    const { shape } = KINDS[kind];
    if ('accessPoint' in shape && accessPoints.length === 0) this.add(at, 'the site has no access point');
    if ('switch' in shape && switches.length === 0) this.add(at, 'the site has no switch');
    among(
      'accessPoint',
      accessPoints.map((ap) => ap.id),
    );
    among(
      'switch',
      switches.map((item) => item.id),
    );
    if (kind === 'gateway-gone' || kind === 'duplicate-ip') {
      among(
        'vlan',
        networks.map((network) => network.vlan),
      );
    }
    if (write.port !== undefined) {
      const item = switches.find((candidate) => candidate.id === write.switch);
      if (write.switch === undefined) this.add([...at, 'port'], 'write the switch as well');
      else if (item)
        among(
          'port',
          item.ports.map((port) => port.id),
        );
    }
    const { place } = write;
    if (typeof place === 'object' && place !== null && 'floor' in place) {
      among(
        'place',
        floors.map((floor) => floor.id),
        place.floor,
      );
    }
  }
}
