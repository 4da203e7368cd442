import type { Dissection } from '../dissection.ts';
import { Proto } from '../protocols.ts';

/**
 * Bounds on one packet's extension headers. Real ones have two or three; a long chain only serves to hide
 * what follows, and RFC 8504 §5.3 lets a host refuse it.
 */
export const MAX_EXTENSION_HEADERS = 8;
export const MAX_EXTENSION_BYTES = 256;

function isExtension(proto: number): boolean {
  return (
    proto === Proto.ipv6Hop ||
    proto === Proto.ipv6Route ||
    proto === Proto.ipv6Fragment ||
    proto === Proto.ipv6Dest ||
    proto === Proto.ipv6Mobility ||
    proto === Proto.ah
  );
}

/** Index of the header that the extension chain in front of layer `i` hangs on. */
export function chainHead(d: Dissection, i: number): number {
  let head = i - 1;
  while (head > 0 && isExtension(d.proto[head])) head--;
  return head;
}

/**
 * Checks that `length` bytes for one more extension header at `start` are there and within the bounds; writes
 * the fault otherwise.
 */
export function extensionFits(
  d: Dissection,
  proto: number,
  start: number,
  end: number,
  length: number,
): boolean {
  if (end - start < length) {
    d.truncated(proto, start, length, end - start);
    return false;
  }
  const head = chainHead(d, d.count);
  const headers = d.count - head;
  if (headers > MAX_EXTENSION_HEADERS) {
    d.fail('limit', proto, start, headers, MAX_EXTENSION_HEADERS, 'too many extension headers');
    return false;
  }
  const bytes = start + length - d.headerEnd[Math.max(head, 0)];
  if (bytes > MAX_EXTENSION_BYTES) {
    d.fail('limit', proto, start, bytes, MAX_EXTENSION_BYTES, 'too many bytes of extension headers');
    return false;
  }
  return true;
}
