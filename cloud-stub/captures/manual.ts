import { ApiFailure, notFound } from '../api/failure.ts';
import type { Commands } from '../broker/commands.ts';
import type { Registry } from '../registry/registry.ts';
import type { Stores } from '../store/stores.ts';
import type { CaptureConsent, CaptureConsents } from './consent.ts';

export interface CaptureRequest {
  /** Default: the device that saw `client` last. */
  serial?: string;
  client?: Buffer;
  interface?: string;
  packets: number;
  bytes: number;
  durationMs: number;
  /** `parseFilter` of airherd/packets reads it, on the device. */
  filter?: string;
  /** Payload is kept under this consent; without one, no payload leaves the device. */
  consentId?: string;
}

export interface CaptureControl {
  registry: Registry;
  stores: Stores;
  commands: Commands;
  consents: CaptureConsents;
}

/** Has a device capture, within limits. The capture then comes in parts, like every other. */
export async function startCapture(
  control: CaptureControl,
  orgId: string,
  request: CaptureRequest,
  nowMs: number,
): Promise<{ serial: string; captureId: Uint8Array }> {
  const { client, interface: interfaceName, packets, bytes, durationMs, filter, consentId } = request;
  const serial = deviceFor(control, orgId, request);
  const consent = consentId === undefined ? null : control.consents.inForce(orgId, consentId, nowMs);
  if (consentId !== undefined && !consent) throw new ApiFailure(409, 'no such consent is in force');
  const { captureId } = await control.commands.ask(serial, 'capture-start', {
    packets,
    bytes,
    durationMs,
    ...(client && { client }),
    ...(interfaceName !== undefined && { interface: interfaceName }),
    ...(filter !== undefined && { filter }),
    ...(consent && { consent: consentText(consent) }),
  });
  if (!(captureId instanceof Uint8Array)) throw new ApiFailure(502, 'the device named no capture');
  if (consent) control.consents.started(consent.id, serial, captureId);
  return { serial, captureId };
}

/** Ends a capture. Its last part comes when the device is through. */
export async function stopCapture(
  { registry, commands }: CaptureControl,
  orgId: string,
  serial: string,
  captureId: Uint8Array,
): Promise<{ packets: number }> {
  if (registry.find(serial)?.orgId !== orgId) throw notFound('device');
  const { packets } = await commands.ask(serial, 'capture-stop', { captureId });
  return { packets: typeof packets === 'number' ? packets : 0 };
}

function deviceFor({ registry, stores }: CaptureControl, orgId: string, request: CaptureRequest): string {
  const { client, serial } = request;
  if (serial !== undefined) {
    if (registry.find(serial)?.orgId !== orgId) throw notFound('device');
    return serial;
  }
  const { state } = stores.of(orgId);
  const seen = (['client', 'wired', 'unconnected'] as const)
    .flatMap((kind) => state.list(kind, { mac: client, limit: 1, offset: 0 }))
    .filter((record) => registry.find(record.serial)?.orgId === orgId)
    .sort((a, b) => b.seenMs - a.seenMs);
  if (seen.length === 0) throw notFound('device that has seen this client');
  return seen[0].serial;
}

/** The record in the form in which the device reads it. */
const consentText = ({ id, purpose, untilMs }: CaptureConsent): string =>
  JSON.stringify({ id, purpose, until: new Date(untilMs).toISOString() });
