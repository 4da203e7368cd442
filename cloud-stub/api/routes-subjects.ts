import { z } from 'zod';
import { SUBJECT_KINDS } from '../../protocol/subject-bytes.ts';
import { correction, correctSubject } from '../privacy/correct.ts';
import { eraseSubject } from '../privacy/erase.ts';
import { exportSubject, readable } from '../privacy/export-subject.ts';
import { identifier } from '../privacy/identifier.ts';
import { findSubject } from '../privacy/subject-search.ts';
import { type Route, route } from './route.ts';
import { plain } from './shapes.ts';

const named = z.strictObject({ kind: z.enum(SUBJECT_KINDS), value: z.string().max(255) });
/** In the body: identifiers of people do not belong into addresses, which proxies and browsers remember. */
const toIdentifier = ({ kind, value }: z.infer<typeof named>, context: z.RefinementCtx) => {
  const found = identifier(kind, value);
  if (found) return found;
  context.addIssue({ code: 'custom', message: `is no ${kind}` });
  return z.NEVER;
};
const subjectBody = z.strictObject({ subject: named.transform(toIdentifier) });
const base = '/api/airherd/v1/orgs/:orgId/subjects';

/** Rights of data subjects: a copy, correction, erasure, restriction. */
export const subjectRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: `${base}/export`,
    may: 'subject.manage',
    personal: true,
    body: subjectBody.extend({ format: z.enum(['json', 'text']).default('json') }),
    async handle({ cloud, org, body, reply }) {
      const { registry, stores, clock } = cloud;
      const copy = await exportSubject({ registry, store: stores.of(org.id), clock }, org.id, body.subject);
      if (body.format === 'json') return plain(copy);
      return reply.type('text/plain; charset=utf-8').send(readable(copy, plain));
    },
  }),
  route({
    method: 'POST',
    path: `${base}/correct`,
    may: 'subject.manage',
    personal: true,
    body: subjectBody.extend({ set: correction }),
    handle: ({ cloud, org, body }) =>
      correctSubject(cloud.stores.of(org.id), cloud.clock, body.subject, body.set),
  }),
  /** Answers with the certificate. */
  route({
    method: 'POST',
    path: `${base}/erase`,
    may: 'subject.manage',
    personal: true,
    body: subjectBody,
    async handle({ cloud, org, body, changed }) {
      const certificate = await eraseSubject(cloud, org.id, body.subject);
      changed(null, certificate);
      return certificate;
    },
  }),
  route({
    method: 'POST',
    path: `${base}/restrict`,
    may: 'subject.manage',
    personal: true,
    body: subjectBody.extend({ restricted: z.boolean() }),
    async handle({ cloud, org, body, nowMs }) {
      const store = cloud.stores.of(org.id);
      const { all } = await findSubject(store, cloud.clock, body.subject);
      store.transaction(() => {
        for (const { kind, value } of all) {
          const subject = store.subjects.indexOf(kind, value);
          if (body.restricted) store.subjects.restrict(subject, nowMs);
          else store.subjects.unrestrict(subject);
        }
      });
      return { restricted: body.restricted, identifiers: all.length };
    },
  }),
];
