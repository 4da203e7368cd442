import type { PrivacyPromise } from './promise.ts';

/** What is collected, kept, shown and forgotten. */
export const DATA_PROMISES: readonly PrivacyPromise[] = [
  {
    id: 'off-until-turned-on',
    area: 'collection',
    text: 'Unconnected Wi-Fi devices, BLE assets and app location are not taken until the organisation turns them on',
    test: {
      file: 'test/e2e/cloud-registry.test.ts',
      name: 'reach a live session, and are enforced from then on',
    },
  },
  {
    id: 'no-payload',
    area: 'collection',
    text: 'Packet payload is not taken unless the organisation allows it',
    test: { file: 'test/contract/non-interference.test.ts', name: 'every recorded frame' },
  },
];
