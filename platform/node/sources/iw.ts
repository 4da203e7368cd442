import { existsSync } from 'node:fs';
import { AirherdError } from '../../../protocol/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { DaemonSource, polled } from './daemon-source.ts';
import { readInfo, readStationDump, readSurvey, type Survey, utilisation } from './iw-text.ts';
import { runTool, type Tool } from './run-tool.ts';

const PERIOD_MS = 5000;
export const iwTool: Tool = {
  program: 'iw',
  package: 'iw',
  permit: 'sudo setcap cap_net_admin=eip /usr/sbin/iw',
};

/** The driver's word about a radio: its stations with their signal, and how busy the channel is. */
export function iwSource(interfaceName: string, clock: Clock, periodMs = PERIOD_MS): DaemonSource {
  const name = `iw:${interfaceName}`;
  return new DaemonSource(name, clock, async function* (signal) {
    let before: Survey | null = null;
    let present = new Set<string>();
    yield* polled(clock, periodMs, signal, async () => {
      if (!existsSync(`/sys/class/net/${interfaceName}`)) {
        throw new AirherdError('source-interface', { interface: interfaceName });
      }
      const ask = (...words: string[]) => runTool(iwTool, ['dev', interfaceName, ...words], name);
      const info = readInfo(await ask('info'));
      if (info.type === undefined) {
        const detail = 'dev info names no type';
        throw new AirherdError('source-version', { tool: 'iw', detail, tested: 'iw 5.19' });
      }
      const nowMs = clock.wallMs();
      const isAp = info.type === 'AP';
      const stations = isAp ? readStationDump(await ask('station', 'dump'), info, nowMs) : [];
      const survey = readSurvey(await ask('survey', 'dump'));
      const macs = new Set(stations.map(({ mac }) => mac));
      const gone = [...present].filter((mac) => !macs.has(mac));
      present = macs;
      const left = gone.map(
        (mac) => ({ kind: 'station', mac, state: 'left', bssid: info.mac, timeMs: nowMs }) as const,
      );
      if (info.frequencyMhz === undefined) return [...stations, ...left];
      const busy = survey === null ? {} : utilisation(before, survey);
      before = survey;
      const { mac, ssid, frequencyMhz, widthMhz, txPowerDbm } = info;
      const noiseDbm = survey?.noiseDbm;
      const radio = {
        kind: 'radio',
        radio: interfaceName,
        mac,
        ssid,
        frequencyMhz,
        widthMhz,
        txPowerDbm,
      } as const;
      return [
        ...stations,
        ...left,
        { ...radio, noiseDbm, ...busy, stations: isAp ? stations.length : undefined },
      ];
    });
  });
}
