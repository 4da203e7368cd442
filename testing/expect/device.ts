/** What is expected of a device. */
import type { LabClock } from '../clock.ts';
import type { LabDevice } from '../lab-device.ts';
import type { Wait, Within } from './wait.ts';

export interface DeviceExpectations {
  /** Its session is open: certificate and both proofs are good. */
  online(what?: Within): Promise<void>;
  offline(what?: Within): Promise<void>;
  /** A login failed with this code of docs/errors.md. */
  refused(what: { code: string } & Within): Promise<void>;
  /** It sent something on this stream from now on. */
  sends(what: { stream: string } & Within): Promise<void>;
  /** Its radio has heard a network of this name announced; with `stranger`, by an access point that is none of the site's. */
  heard(what: { ssid: string; stranger?: boolean } & Within): Promise<void>;
  /** Its disk refused to take something from now on. */
  diskFault(what?: Within): Promise<void>;
  /** All that it has produced is acknowledged. */
  drained(what?: Within): Promise<void>;
  /** It runs this version, for good, and is online. */
  runsFirmware(version: string, what?: Within): Promise<void>;
  /** This version was tried, and the one before it runs again. */
  rolledBack(version: string, what?: Within): Promise<void>;
}

export interface DeviceContext {
  wait: Wait;
  clock: LabClock;
  payloadsOf(device: string): readonly { stream: string }[];
  beaconsHeard(device: string, sinceMs: number): Iterable<{ ssid: string; isStranger: boolean }>;
}

export function expectDevice(context: DeviceContext, of: LabDevice): DeviceExpectations {
  const { wait, clock, payloadsOf, beaconsHeard } = context;
  const { id } = of;
  return {
    online: ({ within } = {}) =>
      wait({
        step: { expect: 'online', device: id },
        within,
        expected: `${id} to be online`,
        holds: () => of.state === 'open',
        actual: () => session(of),
      }),
    offline: ({ within } = {}) =>
      wait({
        step: { expect: 'offline', device: id },
        within,
        expected: `${id} to be offline`,
        holds: () => of.state !== 'open',
        actual: () => session(of),
      }),
    refused: ({ code, within }) =>
      wait({
        step: { expect: 'refused', device: id, code },
        within,
        expected: `${id} to be refused with ${code}`,
        holds: () => of.events.some((event) => event.type === 'failure' && event.error.code === code),
        actual: () => session(of),
      }),
    sends: ({ stream, within }) => {
      const before = payloadsOf(id).length;
      return wait({
        step: { expect: 'sends', device: id, stream },
        within,
        expected: `${id} to send ${stream}`,
        holds: () =>
          payloadsOf(id)
            .slice(before)
            .some((payload) => payload.stream === stream),
        actual: () => `${session(of)}, and it sent ${payloadsOf(id).length - before} messages on others`,
      });
    },
    heard: ({ ssid, stranger = false, within }) => {
      const sinceMs = clock.wallMs();
      return wait({
        step: { expect: 'heard', device: id, ssid, ...(stranger && { stranger }) },
        within,
        expected: `${id} to hear ${ssid}${stranger ? ' of a stranger' : ''}`,
        holds: () => {
          for (const heard of beaconsHeard(id, sinceMs))
            if (heard.ssid === ssid && (heard.isStranger || !stranger)) return true;
          return false;
        },
        actual: () => {
          const names = new Set([...beaconsHeard(id, sinceMs)].map((heard) => heard.ssid));
          return `it heard ${[...names].join(', ') || 'no beacon at all'}`;
        },
      });
    },
    diskFault: ({ within } = {}) => {
      const isFault = (event: LabDevice['events'][number]): boolean => event.type === 'disk-fault';
      const before = of.events.findLast(isFault);
      return wait({
        step: { expect: 'disk-fault', device: id },
        within,
        expected: `${id} to find its disk full`,
        holds: () => of.events.findLast(isFault) !== before,
        actual: () => `its disk took all of it, and ${session(of)}`,
      });
    },
    runsFirmware: (version, { within } = {}) =>
      wait({
        step: { expect: 'firmware', device: id, version },
        within,
        expected: `${id} to run firmware ${version}`,
        holds: () => of.firmware?.version === version && of.firmware.isCommitted() && of.state === 'open',
        actual: () => `it runs ${of.firmware?.version}; ${upgradeOf(of)}, and ${session(of)}`,
      }),
    rolledBack: (version, { within } = {}) =>
      wait({
        step: { expect: 'rolled-back', device: id, version },
        within,
        expected: `${id} to roll firmware ${version} back`,
        holds: () =>
          of.events.some(
            (event) => event.type === 'upgrade' && event.phase === 'rolled-back' && event.version === version,
          ),
        actual: () => `it runs ${of.firmware?.version}; ${upgradeOf(of)}, and ${session(of)}`,
      }),
    drained: ({ within } = {}) =>
      wait({
        step: { expect: 'drained', device: id },
        within,
        expected: `${id} to have nothing pending`,
        holds: () => of.running !== null && of.running.outbox.pending === 0,
        actual: () => `${of.running?.outbox.pending ?? 0} messages are pending, and ${session(of)}`,
      }),
  };
}

function upgradeOf(of: LabDevice): string {
  const last = of.events.findLast((event) => event.type === 'upgrade');
  if (!last) return 'no upgrade was begun';
  return `${last.version} is ${last.phase}${last.detail === undefined ? '' : ` (${last.detail})`}`;
}

function session(of: LabDevice): string {
  const failure = of.events.findLast((event) => event.type === 'failure');
  const why = failure ? `; last failure: ${failure.error.code}: ${failure.error.message}` : '';
  return `its session is ${of.state}${why}`;
}
