/**
 * The client's end of a TCP connection to a peer that is not the world's own (RFC 9293 3.3.2), on a wire that
 * loses nothing: nothing is sent twice.
 *
 * | state       | takes               | sends                  | then        |
 * |-------------|---------------------|------------------------|-------------|
 * | closed      | –                   | SYN                    | syn-sent    |
 * | syn-sent    | SYN, ACK of it      | ACK                    | established |
 * | established | data                | ACK                    | established |
 * | established | FIN                 | ACK, FIN               | last-ack    |
 * | fin-wait    | FIN                 | ACK                    | closed      |
 * | last-ack    | ACK of its FIN      | –                      | closed      |
 * | any         | RST                 | –                      | refused     |
 */
import type { TcpRecord } from '../../packets/layers/tcp.ts';
import { TcpFlag } from '../frames/ip.ts';

export type TcpState = 'closed' | 'syn-sent' | 'established' | 'fin-wait' | 'last-ack' | 'refused';

export interface TcpSegment {
  seq: number;
  ack: number;
  flags: number;
  options: readonly number[];
  payload: Uint8Array;
}

/** Maximum segment size 1460, SACK permitted, no operation twice, as hosts say in their SYN. */
const SYN_OPTIONS = [2, 4, 5, 180, 4, 2, 1, 1];
const NOTHING = new Uint8Array(0);

export class TcpConversation {
  state: TcpState = 'closed';
  /** All that the peer has sent, in order. */
  received: Uint8Array = NOTHING;
  private seq: number;
  private ack = 0;

  constructor(initialSequence: number) {
    this.seq = initialSequence;
  }

  open(): TcpSegment[] {
    this.state = 'syn-sent';
    return [this.segment(TcpFlag.syn, NOTHING, SYN_OPTIONS)];
  }

  send(payload: Uint8Array): TcpSegment[] {
    return this.state === 'established' ? [this.segment(TcpFlag.psh | TcpFlag.ack, payload)] : [];
  }

  close(): TcpSegment[] {
    if (this.state !== 'established') return [];
    this.state = 'fin-wait';
    return [this.segment(TcpFlag.fin | TcpFlag.ack)];
  }

  take(of: TcpRecord, payload: Uint8Array): TcpSegment[] {
    if (of.flags & TcpFlag.rst) {
      this.state = 'refused';
      return [];
    }
    if (this.state === 'syn-sent') {
      const isAnswer = (of.flags & (TcpFlag.syn | TcpFlag.ack)) === (TcpFlag.syn | TcpFlag.ack);
      if (!isAnswer || of.acknowledgment !== this.seq) return [];
      this.ack = (of.sequence + 1) >>> 0;
      this.state = 'established';
      return [this.segment(TcpFlag.ack)];
    }
    if (this.state === 'last-ack' && of.acknowledgment === this.seq) this.state = 'closed';
    // Out of order or seen before: what is in order is acknowledged again (3.10.7.4).
    if (this.state === 'closed' || payload.length + (of.flags & TcpFlag.fin) === 0) return [];
    if (of.sequence !== this.ack) return [this.segment(TcpFlag.ack)];
    const all = new Uint8Array(this.received.length + payload.length);
    all.set(this.received);
    all.set(payload, this.received.length);
    this.received = all;
    this.ack = (this.ack + payload.length) >>> 0;
    if ((of.flags & TcpFlag.fin) === 0) return [this.segment(TcpFlag.ack)];
    this.ack = (this.ack + 1) >>> 0;
    if (this.state === 'fin-wait') {
      this.state = 'closed';
      return [this.segment(TcpFlag.ack)];
    }
    this.state = 'last-ack';
    return [this.segment(TcpFlag.fin | TcpFlag.ack)];
  }

  private segment(flags: number, payload: Uint8Array = NOTHING, options: readonly number[] = []): TcpSegment {
    const { seq } = this;
    const taken = payload.length + (flags & (TcpFlag.syn | TcpFlag.fin) ? 1 : 0);
    this.seq = (seq + taken) >>> 0;
    return { seq, ack: flags & TcpFlag.ack ? this.ack : 0, flags, options, payload };
  }
}
