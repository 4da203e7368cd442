/**
 * The HTTP API of a lab's own cloud, as its operator. In paths, bodies and what is expected, `{org}`, `{site}`,
 * `{serial ap0}`, `{mac phone}` and what was kept of earlier answers are filled in.
 */
import { httpsCall } from '../platform/node/https-call.ts';
import type { LabClock } from './clock.ts';
import { type Duration, durationMs } from './duration.ts';
import type { LabCloud } from './lab-cloud.ts';
import { matching, type WantedEntry } from './match.ts';
import type { Recorder, Step } from './recorder.ts';

export interface ApiCall {
  /** Default: GET. */
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  /** As JSON. */
  body?: unknown;
  /** Any other is an error. Default: 200. */
  status?: number;
  /** Fields of the answer, by the names that they are kept under. */
  keep?: Readonly<Record<string, string>>;
}

export interface ApiWanted {
  path: string;
  contains?: string;
  lacks?: string;
  /** Entries of a list that have these fields. */
  has?: WantedEntry;
  atLeast?: number;
  atMost?: number;
  /** Fields of the first such entry, by the names that they are kept under. */
  keep?: Readonly<Record<string, string>>;
  /** Default: 30 s of the lab's time. */
  within?: Duration;
}

export interface LabApiOptions {
  cloud(): LabCloud;
  clock: LabClock;
  recorder: Recorder;
  /** `serial` of a device, `mac` of a client; null for any other word. */
  named(word: string, of: string): string | null;
}

const SHOWN = 300;

export class LabApi {
  private readonly options: LabApiOptions;
  private readonly kept = new Map<string, string>();
  /** Of names that nobody gave: what an answer is called later, when its id is seen in a path. */
  private answers = 0;

  constructor(options: LabApiOptions) {
    this.options = options;
  }

  /** The answer's JSON; null for an empty one. Throws Error for any other status than is wanted. */
  async call({ method = 'GET', path, body, status = 200, keep = {} }: ApiCall): Promise<unknown> {
    const { recorder } = this.options;
    const asked = { method, ...this.nameless({ path, ...(body !== undefined && { body }) }) };
    const step = recorder.add({ do: 'api', ...asked, ...(status !== 200 && { status }) });
    const answer = await this.send(method, path, body === undefined ? undefined : JSON.stringify(body));
    if (answer.status !== status) {
      const said = answer.body.slice(0, SHOWN);
      throw new Error(`${method} ${path} was answered with ${answer.status}, not ${status}: ${said}`);
    }
    const json: unknown = answer.body === '' ? null : JSON.parse(answer.body);
    const named = { ...this.idOf(json), ...keep };
    if (Object.keys(named).length > 0) step.keep = named;
    this.keep(json, named);
    return json;
  }

  /** Asks once a second until the answer is as wanted. Throws Error when it is not in time. */
  async expect(wanted: ApiWanted): Promise<void> {
    const { clock, recorder } = this.options;
    const { within = '30 s', ...rest } = wanted;
    recorder.add({ expect: 'api', ...this.nameless(rest), within: `${durationMs(within)}ms` });
    const untilMs = clock.monoMs() + durationMs(within);
    for (;;) {
      const { status, body } = await this.send('GET', wanted.path);
      const problem = status === 200 ? this.problemOf(wanted, body) : `it was answered with ${status}`;
      if (problem === null) return;
      if (clock.monoMs() >= untilMs) throw new Error(`${wanted.path}: ${problem}: ${body.slice(0, SHOWN)}`);
      await clock.advance('1 s');
    }
  }

  private async send(method: string, path: string, body?: string): Promise<{ status: number; body: string }> {
    const { cloud, clock } = this.options;
    const { token } = cloud();
    const { apiPort, trustPem } = cloud().cloud;
    const answer = await clock.during(
      httpsCall({
        ...{ host: '127.0.0.1', port: apiPort, path: this.filled(path), method, trustPem },
        headers: {
          authorization: `Token ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: this.filled(body) }),
      }),
    );
    return { status: answer.status, body: answer.body.toString() };
  }

  /** What is wrong with an answer, or null; then what is to be kept of it is. */
  private problemOf(wanted: ApiWanted, body: string): string | null {
    const { contains, lacks, has, atMost = Number.POSITIVE_INFINITY, keep = {} } = wanted;
    const { atLeast = has === undefined ? 0 : 1 } = wanted;
    if (contains !== undefined && !body.includes(this.filled(contains)))
      return `it does not contain ${contains}`;
    if (lacks !== undefined && body.includes(this.filled(lacks))) return `it contains ${lacks}`;
    const found = matching(JSON.parse(body), has ?? {}, (text) => this.filled(text));
    const which = has === undefined ? 'entries' : `entries with ${JSON.stringify(has)}`;
    if (found.length < atLeast) return `it has ${found.length} ${which}, not ${atLeast}`;
    if (found.length > atMost) return `it has ${found.length} ${which}, more than ${atMost}`;
    this.keep(found[0], keep);
    return null;
  }

  private keep(json: unknown, wanted: Readonly<Record<string, string>>): void {
    for (const [name, field] of Object.entries(wanted)) {
      const value = fieldsOf(json).get(field);
      if (value === undefined) throw new Error(`the answer has no ${field}`);
      this.kept.set(name, String(value));
    }
  }

  /** A name for what was made, so that a record of the session finds what is made when it is done again. */
  private idOf(json: unknown): Record<string, string> {
    const id = fieldsOf(json).get('id');
    return typeof id === 'string' && id.length >= 16 ? { [`made-${++this.answers}`]: 'id' } : {};
  }

  private filled(text: string): string {
    const { cloud, named } = this.options;
    return text.replace(
      /\{([a-z][a-z0-9-]*)(?: ([^}"]+))?\}/gi,
      (whole, word: string, of: string | undefined) => {
        if (word === 'org') return cloud().orgId;
        if (word === 'site') return cloud().siteId;
        return (of === undefined ? this.kept.get(word) : named(word, of)) ?? whole;
      },
    );
  }

  /** With names in place of what another lab has other ids for. */
  private nameless<T extends object>(of: T): Step {
    const { orgId, siteId } = this.options.cloud();
    let text = JSON.stringify(of).replaceAll(orgId, '{org}').replaceAll(siteId, '{site}');
    for (const [name, value] of this.kept) if (value.length >= 16) text = text.replaceAll(value, `{${name}}`);
    return JSON.parse(text);
  }
}

const fieldsOf = (json: unknown): Map<string, unknown> =>
  new Map(typeof json === 'object' && json !== null ? Object.entries(json) : []);
