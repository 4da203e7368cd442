import { u16, u32 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { DESTINATION, SOURCE } from '../layers/ethernet.ts';
import { stationOffset } from '../layers/ieee80211-header.ts';
import { LinkType } from '../linktype.ts';
import { Proto } from '../protocols.ts';
import type { PcapTriggerName } from './names.ts';
import { FrameRing } from './ring.ts';

/** A MAC address as a number, so that it can be looked up without making a string of it. */
export const macNumber = (b: Uint8Array, at: number): number => u16(b, at) * 4_294_967_296 + u32(b, at + 2);

export function macBytes(mac: number): Uint8Array {
  const bytes = new Uint8Array(6);
  let rest = mac;
  for (let i = 5; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** Whether a frame is from or to the client: the station of an 802.11 frame, either end of an Ethernet one. */
export function isOfClient(d: Dissection, mac: number): boolean {
  const b = d.frame;
  const wireless = d.find(Proto.ieee80211);
  if (wireless >= 0) {
    const at = stationOffset(b, d.start[wireless]);
    return at >= 0 && macNumber(b, at) === mac;
  }
  const wired = d.find(Proto.ethernet);
  if (wired < 0) return false;
  const start = d.start[wired];
  return macNumber(b, start + DESTINATION) === mac || macNumber(b, start + SOURCE) === mac;
}

/** Something that has to happen until `deadlineMs`, or `trigger` fires. */
export interface Expectation {
  trigger: PcapTriggerName;
  deadlineMs: number;
}

/** Expectations at once of one client; a flood of unanswered queries replaces the oldest. */
const MAX_EXPECTATIONS = 16;

/** What is known of one client. Times are capture time, Unix milliseconds. */
export class Client {
  readonly mac: number;
  readonly ring: FrameRing;
  /** Made with the first: most clients never wait for anything. */
  private expected: Map<string, Expectation> | null = null;
  /** Its gateway as an IPv4 address, from DHCP. */
  gateway: number | null = null;
  /** Of 802.11 errors: when the last deauthentications came, and retries in the current window. */
  readonly errorsMs: number[] = [];
  retryWindowFromMs = 0;
  retries = 0;
  framesInWindow = 0;
  /** Which of all frames was the last of this client's. */
  lastSeen = 0;

  constructor(mac: number, ring: FrameRing) {
    this.mac = mac;
    this.ring = ring;
  }

  /** Asking again while one waits does not put the deadline off. */
  expect(key: string, trigger: PcapTriggerName, deadlineMs: number): void {
    this.expected ??= new Map();
    if (this.expected.has(key)) return;
    if (this.expected.size === MAX_EXPECTATIONS) {
      for (const oldest of this.expected.keys()) {
        this.expected.delete(oldest);
        break;
      }
    }
    this.expected.set(key, { trigger, deadlineMs });
  }

  met(key: string): void {
    this.expected?.delete(key);
  }

  expectNothing(): void {
    this.expected = null;
  }

  /** What should have come until then; it is not waited for any longer. */
  *overdue(timeMs: number): Generator<Expectation> {
    if (this.expected === null) return;
    for (const [key, expectation] of this.expected) {
      if (expectation.deadlineMs > timeMs) continue;
      this.expected.delete(key);
      yield expectation;
    }
  }
}

export const isWireless = (linkType: number): boolean =>
  linkType === LinkType.radiotap || linkType === LinkType.ieee80211 || linkType === LinkType.ppi;

/** Clients with their rings, at most `limit`; the one not seen for longest makes room. */
export class Clients {
  private readonly byMac = new Map<number, Client>();
  private sightings = 0;
  private readonly limit: number;
  private readonly ringBytes: number;
  private readonly ringFrames: number;
  private readonly keepNs: bigint;
  private readonly evicted: (client: Client) => void;

  /** `keepNs`: longest that a frame in a ring is of use. */
  constructor(
    limit: number,
    ring: { bytes: number; frames: number; keepNs: bigint },
    evicted: (client: Client) => void,
  ) {
    this.limit = limit;
    this.ringBytes = ring.bytes;
    this.ringFrames = ring.frames;
    this.keepNs = ring.keepNs;
    this.evicted = evicted;
  }

  get size(): number {
    return this.byMac.size;
  }

  /** The client, made known if it was not, and now the one seen last. */
  seen(mac: number): Client {
    let client = this.byMac.get(mac);
    if (client === undefined) {
      client = new Client(mac, this.makeRoom());
      this.byMac.set(mac, client);
    }
    client.lastSeen = ++this.sightings;
    return client;
  }

  known(mac: number): Client | undefined {
    return this.byMac.get(mac);
  }

  all(): Iterable<Client> {
    return this.byMac.values();
  }

  private makeRoom(): FrameRing {
    let oldest: Client | null = null;
    if (this.byMac.size >= this.limit) {
      for (const client of this.byMac.values()) {
        if (oldest === null || client.lastSeen < oldest.lastSeen) oldest = client;
      }
    }
    if (oldest === null) return new FrameRing(this.ringBytes, this.ringFrames, this.keepNs);
    this.evicted(oldest);
    this.byMac.delete(oldest.mac);
    oldest.ring.clear();
    return oldest.ring;
  }
}
