import type { X509Certificate } from 'node:crypto';
import { Readable } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { verifyChain } from '../../certs/verify.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { TlsVersion } from '../../platform/ports/transport.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { ApiLimits } from '../configuration.ts';
import { hardenedHttps, listenOn } from '../https.ts';
import type { Refusals } from '../refusals.ts';
import type { RegionDirectory } from '../regions/directory.ts';
import type { Images } from './images.ts';
import { wantedRange } from './range.ts';
import type { Rollouts } from './rollouts.ts';

/** As the device link: devices speak no other. */
const SUITES = 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256';
const MAX_CONNECTIONS = 4096;
const MAX_CHAIN = 8;

export interface FirmwareEndpointOptions {
  host: string;
  /** 0 takes a free port. */
  port: number;
  credentials: { certificatePem: string; privateKeyPem: string };
  trustPem: readonly string[];
  minVersion: TlsVersion;
  images: Images;
  rollouts: Rollouts;
  regions: RegionDirectory;
  refusals: Refusals;
  clock: Clock;
  limits: ApiLimits;
}

export interface FirmwareEndpoint {
  readonly port: number;
  close(): Promise<void>;
}

/** The part of a TLS socket that tells who is there. */
interface PeerSocket {
  getPeerX509Certificate(): X509Certificate | undefined;
  remoteAddress?: string;
  destroy(): void;
}

/**
 * `GET /firmware/<SHA-256 of the payload>` for devices: by their certificate, whole or in part (RFC 9110), and only
 * what they have been ordered to take.
 */
function buildFirmwareEndpoint(options: FirmwareEndpointOptions): FastifyInstance {
  const { credentials, limits, minVersion, trustPem, images } = options;
  /** Asked once for each connection: the leaf is lost at the second time. */
  const chains = new WeakMap<object, Buffer[]>();
  const app: FastifyInstance = fastify({
    logger: false,
    https: {
      ...hardenedHttps(credentials, limits),
      ...{ minVersion, ciphers: SUITES, ca: [...trustPem] },
      // Judged here, whole: OpenSSL would stop at the first fault.
      ...{ requestCert: true, rejectUnauthorized: false },
    },
    bodyLimit: 1,
    requestTimeout: limits.requestTimeoutMs,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  app.server.on('secureConnection', (socket: PeerSocket) => {
    const chain = chainOf(socket);
    if (chain.length > 0) chains.set(socket, chain);
    // Nothing is heard from somebody without a certificate.
    else socket.destroy();
  });
  app.route<{ Params: { imageId: string } }>({
    method: ['GET', 'HEAD'],
    url: '/firmware/:imageId',
    handler: async (request, reply) => {
      const serial = deviceOf(chains.get(request.raw.socket) ?? [], request, options);
      const { imageId } = request.params;
      const image = options.rollouts.wasOrdered(serial, imageId) ? images.find(imageId) : null;
      if (!image?.complete) return reply.code(404).send({ error: 'no such image' });
      return send(image.payload.size, imageId, images, request, reply);
    },
  });
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ error: 'no such path' }));
  app.setErrorHandler(async (error: { statusCode?: number }, _request, reply) =>
    reply.code(error instanceof AirherdError ? 403 : (error.statusCode ?? 500)).send({ error: 'refused' }),
  );
  return app;
}

function chainOf(socket: PeerSocket): Buffer[] {
  const chain: Buffer[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate && chain.length < MAX_CHAIN) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/** The serial of a device that may log in; who may not is counted, as at the device link. */
function deviceOf(
  chain: readonly Buffer[],
  { ip }: Pick<FastifyRequest, 'ip'>,
  { trustPem, regions, refusals, clock }: FirmwareEndpointOptions,
): string {
  const verdict = verifyChain({ chain, trustPem, usage: 'clientAuth', nowMs: clock.wallMs() });
  const serial = verdict.leaf?.serial;
  const refuse = (error: AirherdError): never => {
    refusals.record(error, ip, serial);
    throw error;
  };
  if (!verdict.ok) return refuse(new AirherdError('certificate-refused', { detail: verdict.detail }));
  if (serial === undefined) {
    return refuse(new AirherdError('certificate-refused', { detail: 'it names no device' }));
  }
  const registry = regions.registryFor(serial);
  const device = registry.find(serial);
  if (!device) return refuse(new AirherdError('device-unknown', { serial }));
  if (device.revokedMs !== null || !registry.knowsCertificate(serial, verdict.leaf.sha256)) {
    return refuse(new AirherdError('device-revoked', { serial }));
  }
  return serial;
}

function send(
  size: number,
  imageId: string,
  images: Images,
  { headers, method }: Pick<FastifyRequest, 'headers' | 'method'>,
  reply: FastifyReply,
): unknown {
  const etag = `"${imageId}"`;
  reply.headers({ ETag: etag, 'Accept-Ranges': 'bytes', 'Cache-Control': 'private, no-transform' });
  const known = headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known?.some((tag) => tag === etag || tag === '*')) return reply.code(304).send();
  const ifRange = headers['if-range'];
  const range = wantedRange(
    { range: headers.range, ...(typeof ifRange === 'string' && { ifRange }) },
    { size, etag },
  );
  if (range === 'unsatisfiable') return reply.code(416).header('Content-Range', `bytes */${size}`).send();
  const { from, to } = range ?? { from: 0, to: size };
  if (range) reply.code(206).header('Content-Range', `bytes ${from}-${to - 1}/${size}`);
  reply.type('application/gzip').header('Content-Length', to - from);
  return reply.send(method === 'HEAD' ? '' : Readable.from(images.read(imageId, from, to)));
}

export async function startFirmwareEndpoint(options: FirmwareEndpointOptions): Promise<FirmwareEndpoint> {
  const app = buildFirmwareEndpoint(options);
  const port = await listenOn(app, options.host, options.port, '--firmware-port');
  return { port, close: () => app.close() };
}
