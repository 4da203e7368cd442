/** An iBeacon's advertising data, as Apple's "Proximity Beacon Specification" (R1) has it. */
export function ibeaconOf(uuid: string, major: number, minor: number, measuredDbm: number): Uint8Array {
  const head = Buffer.from(`0201061aff4c000215${uuid}`, 'hex');
  const tail = Buffer.alloc(5);
  tail.writeUInt16BE(major, 0);
  tail.writeUInt16BE(minor, 2);
  tail.writeInt8(measuredDbm, 4);
  return Buffer.concat([head, tail]);
}
