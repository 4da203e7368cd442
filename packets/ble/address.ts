export type BleAddressType = 'public' | 'random-static' | 'random-resolvable' | 'random-non-resolvable';

/** The two top bits of a random address say which kind it is (Core 5.4, volume 6, part B, 1.3.2). */
export function bleAddressType(address: string, isRandom: boolean): BleAddressType {
  if (!isRandom) return 'public';
  switch (Number.parseInt(address.slice(0, 2), 16) >> 6) {
    case 3:
      return 'random-static';
    case 1:
      return 'random-resolvable';
    default:
      // 0 is non-resolvable; 2 is reserved, and nobody can resolve it either.
      return 'random-non-resolvable';
  }
}

/** Device addresses stand in HCI least significant byte first. */
export function bleAddressText(b: Uint8Array, at: number): string {
  let text = '';
  for (let k = 5; k >= 0; k--) text += b[at + k].toString(16).padStart(2, '0') + (k > 0 ? ':' : '');
  return text;
}
