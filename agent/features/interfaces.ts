import type { PortFinding, RadioFinding } from '../../platform/ports/finding.ts';
import type { Radio, SwitchPort } from '../../protocol/messages/interfaces.ts';
import type { FrameFeature } from '../pipeline.ts';
import type { Producer } from '../producer.ts';
import { clip, present } from './chunks.ts';
import { macBytes } from './mac.ts';

/** In one message, at most: `schema.cddl`. */
const MAX_PORTS = 128;
const MAX_RADIOS = 16;

const macOf = (text: string | undefined) => (text === undefined ? undefined : macBytes(text));
const percent = (value: number | undefined) =>
  value === undefined ? undefined : Math.max(0, Math.min(100, Math.round(value)));

function switchPortOf({ kind: _, mac, port, ...rest }: PortFinding): SwitchPort {
  return present({ ...rest, port: port.slice(0, 255), mac: macOf(mac) });
}

function radioOf({ kind: _, mac, radio, ssid, ...rest }: RadioFinding): Radio {
  return present({
    ...rest,
    radio: radio.slice(0, 255),
    ssid: clip(ssid),
    mac: macOf(mac),
    busyPercent: percent(rest.busyPercent),
    rxPercent: percent(rest.rxPercent),
    txPercent: percent(rest.txPercent),
  });
}

/** Ports and radios of the device itself: the newest report of each, when it has changed. */
export function interfaces(producer: Producer): FrameFeature {
  const changed = new Map<string, PortFinding | RadioFinding>();
  return {
    frame() {},
    finding(finding) {
      if (finding.kind === 'port') changed.set(`port ${finding.port}`, finding);
      if (finding.kind === 'radio') changed.set(`radio ${finding.radio}`, finding);
    },
    async flush() {
      while (changed.size > 0) {
        const ports: SwitchPort[] = [];
        const radios: Radio[] = [];
        for (const [key, finding] of changed) {
          if (ports.length === MAX_PORTS || radios.length === MAX_RADIOS) break;
          changed.delete(key);
          if (finding.kind === 'port') ports.push(switchPortOf(finding));
          else radios.push(radioOf(finding));
        }
        await producer.produce('interfaces', { class: 'device', ports, radios });
      }
    },
  };
}
