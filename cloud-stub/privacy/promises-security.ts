import type { PrivacyPromise } from './promise.ts';

const link = 'test/e2e/cloud-link.test.ts';
const refusals = 'test/e2e/cloud-refusals.test.ts';

/** Link, store, people and operation. */
export const SECURITY_PROMISES: readonly PrivacyPromise[] = [
  {
    id: 'link-aes-128',
    area: 'security',
    text: 'Devices reach the cloud by TLS with AES-128, nothing else',
    test: { file: link, name: 'where TLS 1.2 is on, AES-256 and CBC still are not' },
  },
  {
    id: 'link-mutual-proof',
    area: 'security',
    text: 'Both sides prove themselves by certificate and by a key of the individual device',
    test: { file: refusals, name: 'certificate of another device with the right key' },
  },
  {
    id: 'link-rsa-4096',
    area: 'security',
    text: 'Certificates are signed with a 4096-bit key',
    test: {
      file: 'test/unit/certs/authority.test.ts',
      name: 'is RSA 4096 and SHA-256 throughout, as OpenSSL reads it',
    },
  },
  {
    id: 'api-aes-256',
    area: 'security',
    text: 'API and console speak TLS with AES-256 suites only',
    test: { file: link, name: 'the API speaks AES-256 only, with an RSA-2048 key' },
  },
  {
    id: 'api-rsa-2048',
    area: 'security',
    text: 'The management console has a 2048-bit RSA key',
    test: { file: link, name: 'the API speaks AES-256 only, with an RSA-2048 key' },
  },
  {
    id: 'rest-aes-256',
    area: 'security',
    text: 'Data rests under AES-256, with a key of the organisation’s own',
    test: {
      file: 'test/e2e/cloud-at-rest.test.ts',
      name: 'no file and no log line holds what was observed or a key; the control finds it',
    },
  },
];
