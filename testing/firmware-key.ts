import { generateKeyPairSync } from 'node:crypto';

/** Signs the firmware of labs; every device and cloud of this process trusts it. */
export const labFirmwareKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
