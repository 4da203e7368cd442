import { u32 } from '../bytes.ts';
import { Cut, type Walk, Zeroed } from './walk.ts';

/** op to chaddr (RFC 2131 §2). */
const FIXED = 44;
const SERVER_NAME_AND_FILE = 192;
const MAGIC_COOKIE = 0x63825363;
const PAD = 0;
const END = 255;

/** Host name, requested address, message type, server, parameter list, vendor class, client identifier. */
const KEPT_OPTIONS: ReadonlySet<number> = new Set([12, 50, 53, 54, 55, 60, 61]);

/** DHCPv4 in `control` mode: fixed fields and the options that name the client and the step. */
export function dhcp(w: Walk, start: number, end: number): void {
  const b = w.b;
  w.stop(Cut.payload);
  const options = start + FIXED + SERVER_NAME_AND_FILE + 4;
  if (!w.has(start, options - start, end)) return;
  const isBootp = (b[start] === 1 || b[start] === 2) && b[start + 1] === 1 && b[start + 2] === 6;
  if (!isBootp || u32(b, options - 4) !== MAGIC_COOKIE) return;
  w.zero(start + FIXED, options - 4, Zeroed.parameters);
  if (!w.keepTo(options)) return;
  for (let i = options; i < end; ) {
    if (i >= w.cap || b[i] === END) {
      if (i < w.cap) w.keepTo(i + 1);
      return;
    }
    if (b[i] === PAD) {
      if (!w.keepTo(++i)) return;
      continue;
    }
    if (!w.has(i, 2, end)) return;
    const bodyEnd = i + 2 + b[i + 1];
    if (!w.has(i, bodyEnd - i, end)) return;
    if (!KEPT_OPTIONS.has(b[i])) w.zero(i + 2, bodyEnd, Zeroed.parameters);
    if (!w.keepTo(bodyEnd)) return;
    w.stop(Cut.payload);
    i = bodyEnd;
  }
}
