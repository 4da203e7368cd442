import { z } from 'zod';
import { CLEAR_LINK, LINK_BREAKS, type LinkConditions } from '../../platform/ports/link.ts';
import { duration } from '../duration.ts';
import type { Action, Extent } from '../shapes/shape.ts';
import { inOrder } from '../shapes/shape.ts';
import { devicesOf, parseConcerned } from './concerned.ts';

const when = {
  /** Whose links: all, 25%, site:3 or device:17. */
  of: z
    .string()
    .transform((text, context) => {
      const concerned = parseConcerned(text);
      if (concerned !== null) return concerned;
      context.addIssue({ code: 'custom', message: 'must be all, 25%, site:3 or device:17' });
      return z.NEVER;
    })
    .prefault('all'),
  from: duration.prefault('0s'),
};
/** To the end of the run unless given. */
const lasting = { ...when, for: duration.optional() };
const bytesPerSecond = z.coerce.number().positive().max(1e12);

/** What happens to links, when, and to whose. */
export const faultSettings = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('delay'),
    ...lasting,
    delay: duration.prefault('100ms'),
    jitter: duration.prefault('0s'),
  }),
  z.strictObject({
    kind: z.literal('bandwidth'),
    ...lasting,
    up: bytesPerSecond.optional(),
    down: bytesPerSecond.optional(),
  }),
  z.strictObject({ kind: z.literal('black-hole'), ...lasting }),
  ...LINK_BREAKS.map((kind) => z.strictObject({ kind: z.literal(kind), ...when })),
]);
export type FaultSettings = z.infer<typeof faultSettings>;

type Lasting = Extract<FaultSettings, { kind: 'delay' | 'bandwidth' | 'black-hole' }>;

const isLasting = (fault: FaultSettings): fault is Lasting =>
  fault.kind === 'delay' || fault.kind === 'bandwidth' || fault.kind === 'black-hole';

function conditionsOf(fault: Lasting): Partial<LinkConditions> {
  switch (fault.kind) {
    case 'delay':
      return { delayMs: fault.delay, jitterMs: fault.jitter };
    case 'bandwidth':
      return {
        ...(fault.up !== undefined && { upBytesPerS: fault.up }),
        ...(fault.down !== undefined && { downBytesPerS: fault.down }),
      };
    case 'black-hole':
      return { blackHole: true };
  }
}

/** The same conditions as a clear link has them. */
function cleared(conditions: Partial<LinkConditions>): Partial<LinkConditions> {
  const known = Object.entries(CLEAR_LINK).filter(([name]) => Object.hasOwn(conditions, name));
  return Object.fromEntries(known);
}

/** All faults as actions of the schedule, in order of time. */
export function faultActions(faults: readonly FaultSettings[], extent: Extent): Action[] {
  return inOrder(
    faults.flatMap((fault) =>
      devicesOf(fault.of, extent).flatMap((device): Action[] => {
        const atMs = fault.from;
        if (!isLasting(fault)) return [{ atMs, kind: 'link', break: fault.kind, device }];
        const conditions = conditionsOf(fault);
        const begin: Action = { atMs, kind: 'link', conditions, device };
        if (fault.for === undefined) return [begin];
        return [begin, { atMs: atMs + fault.for, kind: 'link', conditions: cleared(conditions), device }];
      }),
    ),
  );
}

/** `black-hole from=20s for=60s of=25%`: a fault as a flag has it, not checked yet; null when it is not like that. */
export function faultFromText(text: string): Record<string, string> | null {
  const [kind, ...pairs] = text.trim().split(/\s+/);
  const fields: Record<string, string> = { kind };
  for (const pair of pairs) {
    const [, name, value] = /^([a-z]+)=(\S+)$/.exec(pair) ?? [];
    if (name === undefined) return null;
    fields[name] = value;
  }
  return fields;
}
