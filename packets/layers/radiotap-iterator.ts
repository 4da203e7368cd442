import { u16le, u32le } from '../little-endian.ts';

/** Field numbers of radiotap.org/fields/defined; the bit of the presence word is the number. */
export const RadiotapField = {
  tsft: 0,
  flags: 1,
  rate: 2,
  channel: 3,
  fhss: 4,
  dbmAntennaSignal: 5,
  dbmAntennaNoise: 6,
  lockQuality: 7,
  txAttenuation: 8,
  dbTxAttenuation: 9,
  dbmTxPower: 10,
  antenna: 11,
  dbAntennaSignal: 12,
  dbAntennaNoise: 13,
  rxFlags: 14,
  txFlags: 15,
  rtsRetries: 16,
  dataRetries: 17,
  xChannel: 18,
  mcs: 19,
  ampduStatus: 20,
  vht: 21,
  timestamp: 22,
  he: 23,
  heMu: 24,
  heMuOtherUser: 25,
  zeroLengthPsdu: 26,
  lSig: 27,
  tlv: 28,
  radiotapNamespace: 29,
  vendorNamespace: 30,
  extended: 31,
  s1g: 32,
  uSig: 33,
  eht: 34,
} as const;

/** Alignment from the start of the header and size of fields 0 to 27, bytes, one hexadecimal digit each. */
const digits = (text: string): Uint8Array => Uint8Array.from(text, (digit) => Number.parseInt(digit, 16));
const ALIGN = digits('8112211222111122114142822212');
const SIZE = digits('811421122211112211838cccc614');

/** Bits of a presence word that are fields, and the two that change the namespace. */
const FIELD_BITS = 0x1fff_ffff;
const RADIOTAP_BIT = 0x2000_0000;
const VENDOR_BIT = 0x4000_0000;

export const RADIOTAP_FIXED = 8;
const VENDOR_HEADER = 6;
const TLV_HEADER = 4;
/** A presence bitmap of more words than this is no capture of any radio. */
const MAX_WORDS = 64;

/**
 * Walks the fields of a radiotap header in the order of their bytes (radiotap.org). Reused, so that a walk
 * allocates nothing. `next()` answers false at the end; then `faultOffset` is −1 or says where it broke.
 */
export class RadiotapIterator {
  private b: Uint8Array = new Uint8Array(0);
  private start = 0;
  private limit = 0;
  private wordAt = 0;
  private lastWord = 0;
  private present = 0;
  /** Bits of the word that have not been taken yet. */
  private remaining = 0;
  private base = 0;
  private position = 0;
  private inVendor = false;
  private inTlvs = false;

  /** Number of the field, its first byte and its size. For a vendor namespace: its six-byte head. */
  field = 0;
  offset = 0;
  size = 0;
  /** Bytes of vendor data behind the head of a vendor namespace. */
  vendorLength = 0;
  /** Presence word that announced the field: radios repeat signal and antenna in one word per antenna. */
  word = 0;
  faultOffset = -1;
  faultNeeded = 0;
  /** The walk met a field that no standard has yet: it and all behind it stay unread. */
  unknownField = false;

  /** `end` is the end of the captured bytes. False when the header itself does not fit; the fault says why. */
  reset(b: Uint8Array, start: number, end: number): boolean {
    this.b = b;
    this.start = start;
    this.faultOffset = -1;
    this.unknownField = false;
    this.inVendor = false;
    this.inTlvs = false;
    this.base = 0;
    this.word = 0;
    if (end - start < RADIOTAP_FIXED) return this.broken(start, RADIOTAP_FIXED, start);
    const length = u16le(b, start + 2);
    if (length < RADIOTAP_FIXED) return this.broken(start + 2, 0, start);
    if (length > end - start) return this.broken(start, length, start);
    this.limit = start + length;
    let at = start + 4;
    let words = 1;
    while (b[at + 3] >= 0x80) {
      at += 4;
      if (at + 4 > this.limit || ++words > MAX_WORDS) return this.broken(at, 4, at);
    }
    this.wordAt = start + 4;
    this.lastWord = at;
    this.position = at + 4;
    // Signed, so that it stays a small integer of the engine.
    this.present = u32le(b, this.wordAt) | 0;
    this.remaining = this.present;
    return true;
  }

  /** End of the header by its own length. */
  get end(): number {
    return this.limit;
  }

  get version(): number {
    return this.b[this.start];
  }

  /** `needed` 0 means that the length field itself is impossible. */
  private broken(offset: number, needed: number, limit: number): boolean {
    this.faultOffset = offset;
    this.faultNeeded = needed;
    this.limit = limit;
    return false;
  }

  next(): boolean {
    if (this.faultOffset >= 0 || this.unknownField) return false;
    if (this.inTlvs) return this.nextTlv();
    for (;;) {
      // Fields of a vendor's namespace have sizes that only the vendor knows; its length skipped them.
      const fields = this.inVendor ? 0 : this.remaining & FIELD_BITS;
      if (fields !== 0) {
        const bit = 31 - Math.clz32(fields & -fields);
        this.remaining &= ~(1 << bit);
        if (this.base > 0) {
          this.unknownField = true;
          return false;
        }
        if (bit === RadiotapField.tlv) {
          this.inTlvs = true;
          return this.nextTlv();
        }
        return this.take(bit, ALIGN[bit], SIZE[bit]);
      }
      if ((this.remaining & VENDOR_BIT) !== 0) {
        this.remaining &= ~VENDOR_BIT;
        return this.takeVendor();
      }
      if (this.wordAt === this.lastWord) return false;
      // Bits 29 and 30 say whose fields the next word lists; with neither, it goes on with bits 32 to 63.
      if ((this.present & RADIOTAP_BIT) !== 0) {
        this.inVendor = false;
        this.base = 0;
      } else if ((this.present & VENDOR_BIT) !== 0) {
        this.inVendor = true;
        this.base = 0;
      } else this.base += 32;
      this.wordAt += 4;
      this.word++;
      this.present = u32le(this.b, this.wordAt) | 0;
      this.remaining = this.present;
    }
  }

  private takeVendor(): boolean {
    if (!this.take(RadiotapField.vendorNamespace, 2, VENDOR_HEADER)) return false;
    this.vendorLength = u16le(this.b, this.offset + 4);
    if (this.position + this.vendorLength > this.limit) {
      return this.broken(this.position, this.vendorLength, this.limit);
    }
    this.position += this.vendorLength;
    return true;
  }

  private take(field: number, align: number, size: number): boolean {
    const from = this.position - this.start;
    const at = this.start + ((from + align - 1) & -align);
    if (at + size > this.limit) return this.broken(at, size, this.limit);
    this.field = field;
    this.offset = at;
    this.size = size;
    this.vendorLength = 0;
    this.position = at + size;
    return true;
  }

  /** radiotap.org/fields/TLV: type, length, value, each padded to four bytes, up to the end of the header. */
  private nextTlv(): boolean {
    if (this.position >= this.limit) return false;
    if (!this.take(0, 4, TLV_HEADER)) return false;
    const field = u16le(this.b, this.offset);
    const size = u16le(this.b, this.offset + 2);
    if (!this.take(field, 1, size)) return false;
    const padded = this.start + ((this.position - this.start + 3) & -4);
    this.position = padded;
    if (field < SIZE.length && size < SIZE[field]) return this.broken(this.offset, SIZE[field], this.limit);
    return true;
  }
}
