import type { PrivacyPromise } from './promise.ts';

const collection = 'test/e2e/privacy-collection.test.ts';
const retention = 'test/unit/privacy/retention.test.ts';
const subjects = 'test/e2e/privacy-subjects.test.ts';
const download = 'test/e2e/privacy-download.test.ts';
const keys = 'test/e2e/privacy-keys.test.ts';
const consent = 'test/e2e/privacy-consent.test.ts';
const regions = 'test/e2e/regions.test.ts';
const portal = 'test/e2e/portal.test.ts';
const bleClasses = 'test/unit/ble/classes.test.ts';
const apps = 'test/e2e/privacy-apps.test.ts';

const promise = (
  id: string,
  area: PrivacyPromise['area'],
  text: string,
  file: string,
  name: string,
): PrivacyPromise => ({ id, area, text, test: { file, name } });

/** What is collected, kept, shown and forgotten. */
export const DATA_PROMISES: readonly PrivacyPromise[] = [
  promise(
    'off-until-turned-on',
    'collection',
    'Unconnected Wi-Fi devices, Bluetooth, app location and payload are not taken until the organisation turns them on',
    collection,
    'by default: connected and wired devices, nothing of who is not connected, no Bluetooth, no app, no payload, no history',
  ),
  promise(
    'collection-shown',
    'collection',
    'An organisation sees exactly what is collected now, and why',
    collection,
    'each field is shown with its product, its switch, why it is taken, and how long it is kept',
  ),
  promise(
    'off-means-off',
    'collection',
    'Of a class that is switched off nothing is stored after the acknowledgement',
    collection,
    'while many agents stream: nothing of it is stored after the acknowledgement',
  ),
  promise(
    'off-for-the-absent',
    'collection',
    'An agent that was away learns what is off before it sends anything',
    collection,
    'is in the welcome of a device that was away; what it sends all the same cuts it',
  ),
  promise(
    'minimisation',
    'collection',
    'Fields are the customer’s choice: what is switched off is not stored',
    collection,
    'a field that is switched off is told to agents, and is not stored when one sends it',
  ),
  promise(
    'no-payload',
    'collection',
    'Packet payload is not taken unless the organisation allows it',
    'test/contract/non-interference.test.ts',
    'every recorded frame, sliced',
  ),
  promise(
    'payload-by-consent',
    'collection',
    'Payload only under a recorded consent with purpose and end; withdrawn, the capture stops and goes or stays',
    consent,
    'manual capture',
  ),
  promise(
    'no-location-history',
    'location',
    'Location history only with location services and Premium Analytics',
    retention,
    'longer only with Premium Analytics, location history only with it',
  ),
  promise(
    'bluetooth-apart',
    'location',
    'Named Bluetooth assets and passive Bluetooth devices have a switch each',
    bleClasses,
    'with one class on, only its own; with both, each in its own messages',
  ),
  promise(
    'app-opt-in',
    'location',
    'Where an app is, is taken only after its user opted in, and forgotten when that is withdrawn',
    apps,
    'opted in, the newest position is kept, with the consent; withdrawn, nothing is left, and nothing is taken',
  ),
  promise(
    'randomised-macs',
    'location',
    'Randomised MACs are never linked to a person',
    subjects,
    'randomised MACs are never linked to a person',
  ),
  promise(
    'retention',
    'rights',
    'Device data is kept 60 days, packets 7, rolling',
    retention,
    'device data 60 days, packets 7, signal one hour, each day exactly',
  ),
  promise(
    'deleted-is-gone',
    'rights',
    'Deleted rows are gone from the file',
    retention,
    'deleted rows are gone from the file: freelist, log and pages',
  ),
  promise(
    'access',
    'rights',
    'A person gets a copy of what is held, with where it came from and who saw it',
    subjects,
    'has everything that is held of the subject, where it came from, how long it is kept and who saw it',
  ),
  promise(
    'correction',
    'rights',
    'What is wrong about a person is corrected',
    subjects,
    'a correction reaches messages and records of the subject, and of nobody else',
  ),
  promise(
    'erasure',
    'rights',
    'After an erasure no file of the cloud holds the person',
    subjects,
    'afterwards no file that the cloud ever wrote holds the canary, opened with every key; the same search found it before',
  ),
  promise(
    'erasure-survives-restore',
    'rights',
    'The erased stay erased after a restore',
    keys,
    'the erased stay erased after a restore, and so do destroyed organisations',
  ),
  promise(
    'restriction',
    'rights',
    'Restricted data is kept and not used',
    subjects,
    'restricted data is kept and not used: nothing is shown, nothing comes to it, until that ends',
  ),
  promise(
    'portability',
    'rights',
    'The customer downloads selected data',
    download,
    'messages as NDJSON, in the order in which they came',
  ),
  promise(
    'notice',
    'rights',
    'A notice of processing says what is collected now',
    download,
    'the notice of processing is made from the same table, without script, escaped',
  ),
  promise(
    'notice-and-consent',
    'rights',
    'A guest is shown the customer’s notice; a yes is kept with text, language and time',
    portal,
    'says yes: the consent is kept with version, language and time, and what was asked for, no more',
  ),
  promise(
    'declining',
    'rights',
    'A guest who declines gets no access, and leaves nothing behind',
    portal,
    'says no: no access, and nothing is kept',
  ),
  promise(
    'hosting',
    'rights',
    'An organisation with an address in the EU is hosted in the EU; nothing of it is written elsewhere',
    regions,
    'nothing of an EU organisation is in any file of another region, opened with every key; it is in the EU',
  ),
  promise(
    'key-of-ones-own',
    'security',
    'Destroying an organisation’s key erases it',
    keys,
    "destroying an organisation's key erases it: a copy of its file opens with no key that still exists",
  ),
];
