import { z } from 'zod';
import { MOST_MANIFEST_BYTES, MOST_SIGNATURE_BYTES } from '../../protocol/firmware/manifest.ts';
import type { Image } from '../firmware/images.ts';
import type { Rollout } from '../firmware/rollouts.ts';
import { hasFailed } from '../firmware/stages.ts';
import type { ApiCloud } from './context.ts';
import { ApiFailure, notFound } from './failure.ts';
import { type Route, route } from './route.ts';

/** Base64 is a third longer, and a body is JSON of at most 256 KiB. */
const MOST_PIECE_BYTES = 180 * 1024;
const bytes = (most: number) =>
  z
    .base64()
    .max(Math.ceil(most / 3) * 4)
    .transform((text) => Buffer.from(text, 'base64'));

const beginBody = z.strictObject({
  manifest: bytes(MOST_MANIFEST_BYTES),
  signature: bytes(MOST_SIGNATURE_BYTES),
});
const pieceBody = z.strictObject({ offset: z.number().int().min(0), data: bytes(MOST_PIECE_BYTES) });
const percent = z.number().int().min(1).max(100);
const rolloutBody = z.strictObject({
  imageId: z.string().regex(/^[0-9a-f]{64}$/),
  siteId: z.string().max(36).optional(),
  stages: z
    .array(percent)
    .min(1)
    .max(20)
    .default([10, 50, 100])
    .refine(
      (stages) => stages.at(-1) === 100 && stages.every((one, i) => i === 0 || one > stages[i - 1]),
      'must grow, and end with 100',
    ),
  successPercent: percent.default(100),
  maxFailures: z.number().int().min(0).max(1_000_000).default(0),
});

const imageShape = ({ payload, ...image }: Image) => ({ ...image, size: payload.size });

function rolloutShape({ firmware }: ApiCloud, rollout: Rollout) {
  const { orgId: _, forgiven: __, ...shown } = rollout;
  const targets = firmware.rollouts.targets(rollout.id);
  return {
    ...shown,
    version: firmware.images.find(rollout.imageId)?.version,
    counts: {
      ordered: targets.length,
      committed: targets.filter(({ phase }) => phase === 'committed').length,
      failed: targets.filter(hasFailed).length,
    },
  };
}

function rolloutOf({ firmware }: ApiCloud, orgId: string, id: string): Rollout {
  const rollout = firmware.rollouts.find(id);
  if (rollout?.orgId !== orgId) throw notFound('roll-out');
  return rollout;
}

const images = '/api/airherd/v1/firmware';
const rollouts = '/api/airherd/v1/orgs/:orgId/firmware/rollouts';

/** What is done to a roll-out, by its name. */
const steer = (action: 'pause' | 'resume' | 'abort'): Route =>
  route({
    method: 'POST',
    path: `${rollouts}/:rolloutId/${action}` as `${typeof rollouts}/:rolloutId/pause`,
    may: 'device.write',
    personal: false,
    handle({ cloud, org, params, changed }) {
      const before = rolloutOf(cloud, org.id, params.rolloutId);
      const after = cloud.firmware.director[action](before);
      changed({ state: before.state }, { state: after.state });
      return rolloutShape(cloud, after);
    },
  });

/** Images come from the vendor, who runs the cloud; customers roll them out to their devices. */
export const firmwareRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: images,
    may: 'operate',
    personal: false,
    handle: ({ cloud }) => cloud.firmware.images.list().map(imageShape),
  }),
  route({
    method: 'POST',
    path: images,
    may: 'operate',
    personal: false,
    body: beginBody,
    handle({ cloud, body, changed }) {
      const image = imageShape(cloud.firmware.images.begin(body));
      changed(null, { id: image.id, version: image.version, sequenceNumber: image.sequenceNumber });
      return image;
    },
  }),
  route({
    method: 'PUT',
    path: `${images}/:imageId/payload`,
    may: 'operate',
    personal: false,
    body: pieceBody,
    async handle({ cloud, params, body }) {
      if (!cloud.firmware.images.find(params.imageId)) throw notFound('image');
      return imageShape(await cloud.firmware.images.append(params.imageId, body.offset, body.data));
    },
  }),
  route({
    method: 'DELETE',
    path: `${images}/:imageId`,
    may: 'operate',
    personal: false,
    handle({ cloud: { firmware }, params, changed }) {
      const image = firmware.images.find(params.imageId);
      if (!image) throw notFound('image');
      if (firmware.rollouts.usesImage(image.id))
        throw new ApiFailure(409, 'a roll-out uses it; abort that first');
      changed({ id: image.id, version: image.version }, null);
      firmware.images.remove(image.id);
      return {};
    },
  }),
  route({
    method: 'GET',
    path: '/api/airherd/v1/orgs/:orgId/firmware',
    may: 'device.read',
    personal: false,
    handle: ({ cloud }) =>
      cloud.firmware.images
        .list()
        .filter(({ complete }) => complete)
        .map(imageShape),
  }),
  route({
    method: 'GET',
    path: rollouts,
    may: 'device.read',
    personal: false,
    handle: ({ cloud, org }) =>
      cloud.firmware.rollouts.list(org.id).map((rollout) => rolloutShape(cloud, rollout)),
  }),
  route({
    method: 'POST',
    path: rollouts,
    may: 'device.write',
    personal: false,
    body: rolloutBody,
    handle({ cloud, org, body: { siteId = null, ...wanted }, changed }) {
      // A site of somebody else is not there.
      if (siteId !== null && cloud.registry.organisations.site(siteId)?.orgId !== org.id)
        throw notFound('site');
      const begun = rolloutShape(cloud, cloud.firmware.director.begin({ ...wanted, siteId, orgId: org.id }));
      changed(null, { id: begun.id, version: begun.version, ...wanted, siteId });
      return begun;
    },
  }),
  route({
    method: 'GET',
    path: `${rollouts}/:rolloutId`,
    may: 'device.read',
    personal: false,
    handle({ cloud, org, params }) {
      const rollout = rolloutOf(cloud, org.id, params.rolloutId);
      return { ...rolloutShape(cloud, rollout), devices: cloud.firmware.rollouts.targets(rollout.id) };
    },
  }),
  steer('pause'),
  steer('resume'),
  steer('abort'),
];
