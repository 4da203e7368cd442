/** EAP (RFC 3748) and the outer side of its TLS methods (RFC 5216, 5281, PEAP) over EAPOL (IEEE 802.1X-2010). */
import { be16, be32, type Octets, octets, utf8 } from './octets.ts';

export const EapType = { identity: 1, notification: 2, nak: 3, md5: 4, tls: 13, ttls: 21, peap: 25 } as const;
export type EapMethod = 'peap' | 'ttls' | 'tls';

const EapCode = { request: 1, response: 2, success: 3, failure: 4 } as const;
const EAPOL_VERSION = 2;

export const eapol = (type: number, body: Octets): Uint8Array =>
  octets([EAPOL_VERSION, type], be16(body.length), body);

const packet = (code: number, id: number, body: Octets): Uint8Array =>
  eapol(0, octets([code, id], be16(4 + body.length), body));

export const eapolStart = (): Uint8Array => eapol(1, []);
export const eapolLogoff = (): Uint8Array => eapol(2, []);

export const identityRequest = (id: number): Uint8Array => packet(EapCode.request, id, [EapType.identity]);
export const identityResponse = (id: number, name: string): Uint8Array =>
  packet(EapCode.response, id, octets([EapType.identity], utf8(name)));
export const eapSuccess = (id: number): Uint8Array => packet(EapCode.success, id, []);
export const eapFailure = (id: number): Uint8Array => packet(EapCode.failure, id, []);

/** Any answer: what follows the type is the method's. */
export const eapResponse = (id: number, type: number, data: Octets): Uint8Array =>
  packet(EapCode.response, id, octets([type], data));

const START = 0x20;
const LENGTH_INCLUDED = 0x80;

/** The authenticator offers the method: flags with the start bit, no data. */
export const methodStart = (id: number, method: EapMethod): Uint8Array =>
  packet(EapCode.request, id, [EapType[method], START]);

/** TLS records of one side, in one piece; none is the acknowledgement of what the other sent. */
export function methodData(
  response: boolean,
  id: number,
  method: EapMethod,
  records: Uint8Array,
): Uint8Array {
  const length = records.length === 0 ? [] : be32(records.length);
  const flags = records.length === 0 ? 0 : LENGTH_INCLUDED;
  return packet(
    response ? EapCode.response : EapCode.request,
    id,
    octets([EapType[method], flags], length, records),
  );
}
