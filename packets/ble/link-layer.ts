import { u32le } from '../little-endian.ts';
import { bleAddressText, bleAddressType } from './address.ts';
import type { Heard } from './hci.ts';

/** Of all advertising channels (Core 5.4, volume 6, part B, 2.1.2). */
const ADVERTISING_ACCESS_ADDRESS = 0x8e89bed6;
const ACCESS_ADDRESS = 4;
const HEADER = 2;
const ADDRESS = 6;
const TX_ADDRESS_IS_RANDOM = 0x40;

/** PDU types of 2.3. */
const Pdu = {
  indication: 0,
  directed: 1,
  nonConnectable: 2,
  scanResponse: 4,
  scannable: 6,
  extended: 7,
} as const;

/** Extended header (2.3.4): its length in six bits, then flags, of which bit 0 says that the address is first. */
const EXTENDED_LENGTH = 0x3f;
const EXTENDED_HAS_ADDRESS = 0x01;

/**
 * Who advertises in a packet of the air, from its access address on; undefined when it is none of an advertising
 * channel, or does not say who. `data` shares the bytes of `b`.
 */
export function advertisingPdu(b: Uint8Array, start: number, end: number): Heard | undefined {
  const pdu = start + ACCESS_ADDRESS;
  const body = pdu + HEADER;
  if (body > end || u32le(b, start) !== ADVERTISING_ACCESS_ADDRESS) return undefined;
  const bodyEnd = body + b[pdu + 1];
  if (bodyEnd > end) return undefined;
  const isRandom = (b[pdu] & TX_ADDRESS_IS_RANDOM) !== 0;
  switch (b[pdu] & 0x0f) {
    case Pdu.indication:
    case Pdu.nonConnectable:
    case Pdu.scanResponse:
    case Pdu.scannable:
      return heard(b, body, isRandom, body + ADDRESS, bodyEnd);
    case Pdu.directed:
      // The other address is whom it is directed to.
      return heard(b, body, isRandom, bodyEnd, bodyEnd);
    case Pdu.extended: {
      if (body + 2 > bodyEnd || (b[body + 1] & EXTENDED_HAS_ADDRESS) === 0) return undefined;
      const dataStart = body + 1 + (b[body] & EXTENDED_LENGTH);
      return dataStart < body + 2 + ADDRESS ? undefined : heard(b, body + 2, isRandom, dataStart, bodyEnd);
    }
    default:
      return undefined;
  }
}

function heard(
  b: Uint8Array,
  at: number,
  isRandom: boolean,
  dataStart: number,
  end: number,
): Heard | undefined {
  if (at + ADDRESS > end || dataStart > end) return undefined;
  const address = bleAddressText(b, at);
  return { address, addressType: bleAddressType(address, isRandom), data: b.subarray(dataStart, end) };
}
