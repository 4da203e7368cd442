import type { PrivacyPromise } from './promise.ts';

const link = 'test/e2e/cloud-link.test.ts';
const roles = 'test/e2e/cloud-roles.test.ts';
const people = 'test/e2e/cloud-people.test.ts';
const refusals = 'test/e2e/cloud-refusals.test.ts';
const scanners = 'test/e2e/cloud-scanners.test.ts';
const routes = 'test/e2e/owasp-routes.test.ts';

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
  {
    id: 'roles-least-privilege',
    area: 'security',
    text: 'Every role may do what its row says and nothing else, on every route',
    test: { file: roles, name: 'role × route' },
  },
  {
    id: 'organisations-apart',
    area: 'security',
    text: 'What another organisation or site has is not there, whoever asks',
    test: { file: roles, name: 'object-level authorisation' },
  },
  {
    id: 'support-access',
    area: 'security',
    text: 'The vendor’s staff see what the customer leaves open, off or on until a time, and each use is in the log',
    test: {
      file: people,
      name: 'is on at first, off or on until a time by the customer, and each use is in the customer’s log',
    },
  },
  {
    id: 'audit-log',
    area: 'security',
    text: 'Every change and every access to personal data is in the audit log: who, what, from where, before and after',
    test: {
      file: people,
      name: 'every change and every access to personal data: who, what, from where, before and after',
    },
  },
  {
    id: 'audit-tamper-evident',
    area: 'security',
    text: 'Tampering with the audit log shows, also after a person’s data in it was erased',
    test: {
      file: 'test/unit/privacy/audit.test.ts',
      name: 'erasing a subject destroys what the log says of it, and the chain stays whole',
    },
  },
  {
    id: 'sign-in',
    area: 'security',
    text: 'Signing in tells nobody whether an account exists, and is throttled',
    test: {
      file: people,
      name: 'who does not exist gets the same answer for the same work, and is throttled the same way',
    },
  },
  {
    id: 'device-roles',
    area: 'security',
    text: 'A device gets what the role that the customer assigned it allows',
    test: { file: people, name: 'a device gets only what its role allows, and learns of a change at once' },
  },
  {
    id: 'ports',
    area: 'security',
    text: 'Only the documented ports are open; an access point has none',
    test: {
      file: scanners,
      name: 'of a cloud finds the documented listeners; of an agent that is logged in, nothing',
    },
  },
  {
    id: 'tls-by-scanners',
    area: 'security',
    text: 'Every listener speaks the promised versions and suites and nothing else, as independent scanners find',
    test: {
      file: scanners,
      name: 'nmap --script ssl-enum-ciphers',
    },
  },
  {
    id: 'owasp',
    area: 'security',
    text: 'Tested for injection, XSS and the OWASP top tens, over every route',
    test: { file: routes, name: '%s: whatever stands in path and query, nothing breaks and nothing leaks' },
  },
  {
    id: 'no-script',
    area: 'security',
    text: 'No page runs what a device, a client or an administrator can name',
    test: {
      file: 'test/e2e/owasp-xss.test.ts',
      name: 'every answer of the API: pages run no script of what others named, all else is no page',
    },
  },
  {
    id: 'nothing-unaudited',
    area: 'security',
    text: 'Nothing is changed and nobody’s data read without an entry, also when the disk is full',
    test: { file: routes, name: '%s: without room for the entry nothing is read and nothing done' },
  },
  {
    id: 'audit-six-months',
    area: 'security',
    text: 'Audit and access logs are kept six months',
    test: { file: 'test/unit/privacy/retention.test.ts', name: 'six months are months of the calendar' },
  },
  {
    id: 'accounts-forgotten',
    area: 'security',
    text: 'Whose account is removed is named by no log any more; the entries stay',
    test: { file: people, name: 'who goes is forgotten by every log, whose entries stay and are whole' },
  },
  {
    id: 'logs-without-people',
    area: 'security',
    text: 'Logs hold no personal data above debug',
    test: {
      file: 'test/e2e/cloud-commands.test.ts',
      name: 'all that the cloud and the commands logged at info holds nobody: no name, address, password, key',
    },
  },
  {
    id: 'limits',
    area: 'security',
    text: 'Requests have bounds of size, depth, rate and time',
    test: { file: 'test/e2e/owasp-http.test.ts', name: 'a body that comes byte by byte' },
  },
  {
    id: 'backups-encrypted',
    area: 'security',
    text: 'A backup is one encrypted, authenticated file',
    test: {
      file: 'test/e2e/privacy-keys.test.ts',
      name: 'while the cloud runs; what it holds cannot be read; all of it comes back',
    },
  },
];
