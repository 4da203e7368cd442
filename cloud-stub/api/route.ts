import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ZodType, z } from 'zod';
import type { Subject } from '../audit/entry.ts';
import type { Identity } from '../people/identity.ts';
import type { People } from '../people/people.ts';
import type { Permission } from '../people/roles.ts';
import type { DeviceRecord } from '../registry/device.ts';
import type { Organisation, Site } from '../registry/organisations.ts';
import type { ApiCloud } from './context.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What the path is about, found and authorised before a handler runs. */
export interface Target {
  org: Organisation | null;
  site: Site | null;
  device: DeviceRecord | null;
}

/** The names behind colons in a path: `/orgs/:orgId/x/:id.pcapng` has orgId and id. */
type Param<P extends string> = P extends `${string}:${infer Rest}`
  ? Rest extends `${infer Name}/${infer Tail}`
    ? Bare<Name> | Param<`/${Tail}`>
    : Bare<Rest>
  : never;
type Bare<N extends string> = N extends `${infer Name}.${string}` ? Name : N;

/** As `Target`, with what this path surely has. A device that is unclaimed has no organisation. */
type TargetOf<P extends string> = {
  org: Extract<Param<P>, 'orgId' | 'siteId'> extends never ? Organisation | null : Organisation;
  site: Extract<Param<P>, 'siteId'> extends never ? null : Site;
  device: Extract<Param<P>, 'serial'> extends never ? null : DeviceRecord;
};

export interface CallBasics {
  cloud: ApiCloud;
  people: People;
  who: Identity;
  /** Where the request comes from. */
  address: string;
  nowMs: number;
  request: FastifyRequest;
  reply: FastifyReply;
  /** What a change made of what: for the audit log. Never a secret. */
  changed(before: unknown, after: unknown): void;
  /** Of whom the entry in the audit log tells, where only the handler finds out: sealed under that person's key. */
  about(subject: Subject): void;
}

export type Call<P extends string, Q, B> = CallBasics &
  TargetOf<P> & { params: Record<Param<P>, string>; query: Q; body: B };

/** One route of the API, whole: nothing about it stands anywhere else. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  /** The permission that it needs. */
  readonly may: Permission;
  /** Whether it answers with data about people: then the access is in the audit log before the answer is out. */
  readonly personal: boolean;
  /** Whether a change writes its own entry. */
  readonly ownAudit: boolean;
  /** What of the request is logged, and about whom. */
  readonly describe: (input: Input) => { subject?: Subject; detail: Record<string, unknown> };
  /** What a body may hold; unknown fields are refused, at every depth (a test goes through all routes). */
  readonly body: ZodType;
  readonly parse: (raw: { query: unknown; body: unknown }) => { query: unknown; body: unknown };
  readonly run: (basics: CallBasics, target: Target, input: Input) => unknown;
}

export interface Input {
  params: Record<string, string>;
  query: unknown;
  body: unknown;
}

interface RouteSpec<P extends string, Q extends ZodType, B extends ZodType> {
  method: Method;
  path: P;
  may: Permission;
  personal: boolean;
  ownAudit?: boolean;
  query?: Q;
  body?: B;
  /** The one person whom the request names, if it does. */
  subject?: (input: { params: Record<Param<P>, string>; query: z.output<Q> }) => Subject | undefined;
  handle: (call: Call<P, z.output<Q>, z.output<B>>) => unknown;
}

/** Of a route that takes none: a body that is sent all the same is refused, unless it is empty. */
const NO_BODY = z.strictObject({});

export function route<P extends string, Q extends ZodType, B extends ZodType>(
  spec: RouteSpec<P, Q, B>,
): Route {
  const { method, path, may, personal, ownAudit = false, query, subject, handle } = spec;
  const body: ZodType = spec.body ?? NO_BODY;
  return {
    method,
    path,
    may,
    personal,
    ownAudit,
    describe: (input) => {
      const { orgId, siteId, ...params } = input.params;
      // What `parse` made of the request has the type of the schemas.
      const typed = input as { params: Record<Param<P>, string>; query: z.output<Q> };
      return { subject: subject?.(typed), detail: { ...params, ...(input.query as object | undefined) } };
    },
    body,
    parse: (raw) => ({
      query: query?.parse(raw.query),
      body: method === 'GET' ? undefined : body.parse(raw.body ?? {}),
    }),
    // The guard found what the path names, or refused; `parse` gave query and body their types.
    run: (basics, target, input) =>
      handle({ ...basics, ...target, ...input } as unknown as Call<P, z.output<Q>, z.output<B>>),
  };
}
