/**
 * The host's end of 802.1X with an authenticator that is not the world's own: EAP (RFC 3748) over EAPOL, with
 * EAP-TLS (RFC 5216), EAP-TTLS/PAP (RFC 5281) or PEAPv0/GTC. TLS itself comes in from outside.
 *
 * | takes                           | sends                                            |
 * |---------------------------------|--------------------------------------------------|
 * | – (begin)                       | EAPOL-Start                                      |
 * | Request Identity                | the outer identity                               |
 * | Request of another method       | Nak that names its own                           |
 * | Start of its method             | ClientHello                                      |
 * | a fragment, more to follow      | acknowledgement                                  |
 * | the last fragment               | its next flight, or the next fragment of it      |
 * | acknowledgement of its fragment | the next one                                     |
 * | tunnel is up (TTLS)             | user name and password                           |
 * | inner Request (PEAP)            | inner Response                                   |
 * | Success, Failure                | – (over)                                         |
 */
import { EapCode, EapType } from '../../packets/layers/eap.ts';
import { type EapMethod, eapolStart, eapResponse } from '../frames/eap.ts';
import { be16, be32, type Octets, octets, utf8 } from '../frames/octets.ts';

/** A TLS client whose records somebody else carries. */
export interface TlsTunnel {
  /** Takes the server's records (none at first); what is to be sent to it, empty when there is nothing. */
  exchange(records: Uint8Array): Promise<Uint8Array>;
  /** Whether the handshake is done. */
  readonly isUp: boolean;
  /** Records that carry this. */
  seal(plaintext: Uint8Array): Promise<Uint8Array>;
  /** What has come through since the last call. */
  opened(): Uint8Array;
}

export interface Credentials {
  method: EapMethod;
  /** What everybody may read. */
  outerIdentity: string;
  userName: string;
  /** Of no use to EAP-TLS, which has a certificate. */
  password: string;
}

export type SupplicantState = 'idle' | 'connecting' | 'authenticating' | 'authenticated' | 'held';

const FLAG = { length: 0x80, more: 0x40, start: 0x20 } as const;
const FRAGMENT_BYTES = 1000;
const EAPOL_HEADER = 4;
const EAP_HEADER = 4;
/** Inner methods of PEAP: RFC 3748 5.6, and the result TLV of its extensions method. */
const INNER = { identity: 1, nak: 3, gtc: 6, extensions: 33 } as const;
const RESULT_SUCCESS = [0x80, 0x03, 0, 2, 0, 1];

export class Supplicant {
  state: SupplicantState = 'idle';
  private readonly who: Credentials;
  private readonly tunnel: TlsTunnel;
  /** Parts of the server's message that have come. */
  private incoming: Uint8Array = new Uint8Array(0);
  /** What is still to be sent of the own. */
  private outgoing: Uint8Array = new Uint8Array(0);
  private isFirstFragment = true;
  private hasSentUser = false;

  constructor(who: Credentials, tunnel: TlsTunnel) {
    this.who = who;
    this.tunnel = tunnel;
  }

  begin(): Uint8Array {
    this.state = 'connecting';
    return eapolStart();
  }

  /** Takes an EAPOL packet; the one to send, or null. */
  async receive(eapol: Uint8Array): Promise<Uint8Array | null> {
    if (eapol.length < EAPOL_HEADER + EAP_HEADER || eapol[1] !== 0) return null;
    const length = Math.min(eapol.length - EAPOL_HEADER, (eapol[6] << 8) | eapol[7]);
    const packet = eapol.subarray(EAPOL_HEADER, EAPOL_HEADER + length);
    const [code, id] = packet;
    if (code === EapCode.success) this.state = 'authenticated';
    if (code === EapCode.failure) this.state = 'held';
    if (code !== EapCode.request || length <= EAP_HEADER) return null;
    const type = packet[EAP_HEADER];
    const body = packet.subarray(EAP_HEADER + 1);
    if (type === EapType.identity) {
      this.state = 'authenticating';
      return eapResponse(id, type, utf8(this.who.outerIdentity));
    }
    const own = EapType[this.who.method];
    if (type !== own) return eapResponse(id, EapType.nak, [own]);
    return this.method(id, body);
  }

  private async method(id: number, body: Uint8Array): Promise<Uint8Array> {
    const flags = body[0] ?? 0;
    const data = body.subarray(flags & FLAG.length ? 5 : 1);
    if (flags & FLAG.start) return this.send(id, await this.tunnel.exchange(new Uint8Array(0)));
    this.incoming = octets(this.incoming, data);
    if (flags & FLAG.more) return this.packet(id, []);
    // An acknowledgement of a fragment: the next one follows.
    if (this.outgoing.length > 0 && data.length === 0) return this.nextFragment(id);
    const message = this.incoming;
    this.incoming = new Uint8Array(0);
    const flight = message.length > 0 ? await this.tunnel.exchange(message) : new Uint8Array(0);
    if (flight.length > 0 || !this.tunnel.isUp) return this.send(id, flight);
    return this.send(id, await this.inside());
  }

  /** What is said within the tunnel. */
  private async inside(): Promise<Uint8Array> {
    const { method, userName, password } = this.who;
    if (method === 'ttls' && !this.hasSentUser) {
      this.hasSentUser = true;
      return this.tunnel.seal(octets(avp(1, utf8(userName)), avp(2, padded(utf8(password)))));
    }
    const inner = this.tunnel.opened();
    if (method !== 'peap' || inner.length === 0) return new Uint8Array(0);
    const answer = this.innerAnswer(inner, userName, password);
    return this.tunnel.seal(answer);
  }

  /** PEAPv0 leaves code, identifier and length of inner packets out, but for its extensions method. */
  private innerAnswer(inner: Uint8Array, userName: string, password: string): Uint8Array {
    const isWhole =
      inner.length > EAP_HEADER && inner[0] === EapCode.request && inner[4] === INNER.extensions;
    if (isWhole) {
      const body = octets([INNER.extensions], RESULT_SUCCESS);
      return octets([EapCode.response, inner[1]], be16(EAP_HEADER + body.length), body);
    }
    if (inner[0] === INNER.identity) return octets([INNER.identity], utf8(userName));
    if (inner[0] === INNER.gtc) return octets([INNER.gtc], utf8(password));
    return Uint8Array.of(INNER.nak, INNER.gtc);
  }

  private send(id: number, records: Uint8Array): Uint8Array {
    this.outgoing = records;
    this.isFirstFragment = true;
    return records.length === 0 ? this.packet(id, []) : this.nextFragment(id);
  }

  private nextFragment(id: number): Uint8Array {
    const whole = this.outgoing.length;
    const part = this.outgoing.subarray(0, FRAGMENT_BYTES);
    this.outgoing = this.outgoing.subarray(part.length);
    const hasMore = this.outgoing.length > 0;
    const isFirst = this.isFirstFragment;
    this.isFirstFragment = false;
    const flags = (hasMore ? FLAG.more : 0) | (isFirst && hasMore ? FLAG.length : 0);
    return this.packet(id, octets(isFirst && hasMore ? be32(whole) : [], part), flags);
  }

  private packet(id: number, data: Octets, flags = 0): Uint8Array {
    return eapResponse(id, EapType[this.who.method], octets([flags], data));
  }
}

/** RFC 5281 10.1: code, mandatory, length, padded to four bytes. */
function avp(code: number, value: Uint8Array): Uint8Array {
  const length = 8 + value.length;
  const padding = (4 - (length % 4)) % 4;
  return octets(be32(code), [0x40, 0, ...be16(length)], value, new Uint8Array(padding));
}

/** RFC 5281 11.2.5: the password's length is hidden by zeros up to a multiple of sixteen. */
const padded = (value: Uint8Array): Uint8Array =>
  octets(value, new Uint8Array((16 - (value.length % 16)) % 16));
