import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nodeClock } from '../../../platform/node/clock.ts';
import {
  type CaptureTool,
  captureFault,
  captureWords,
} from '../../../platform/node/sources/capture-helper.ts';
import { startChild } from '../../../platform/node/sources/child.ts';
import { DEFAULT_CONTROL, hostapdTool } from '../../../platform/node/sources/hostapd.ts';
import { iwTool } from '../../../platform/node/sources/iw.ts';
import { DEFAULT_SOCKET, lldpTool } from '../../../platform/node/sources/lldpd.ts';
import { NobleRadio } from '../../../platform/node/sources/noble-radio.ts';
import { runTool } from '../../../platform/node/sources/run-tool.ts';
import { sleep } from '../../../platform/ports/clock.ts';

export interface Probe {
  source: string;
  /** Programs that it needs, and the package of each. */
  programs: Readonly<Record<string, string>>;
  /** Says what there is; null where the machine has nothing of the kind. Throws what the source would tell. */
  look(): Promise<string | null>;
  /** Said where there is nothing. */
  absent: string;
}

/** A helper has opened its interface by then; what it captures meanwhile goes nowhere. */
const LONGEST_LOOK_MS = 3000;

const sysfs = (name: string, what: string) => existsSync(join('/sys/class/net', name, what));
const listed = (names: readonly string[]): string | null => (names.length === 0 ? null : names.join(', '));

export function probes(interfaces: readonly string[]): Probe[] {
  const bridges = interfaces.filter((name) => sysfs(name, 'bridge'));
  const radios = interfaces.filter((name) => sysfs(name, 'phy80211'));
  return [
    capture('live', 'dumpcap', 'wireshark-common', interfaces),
    capture('tcpdump', 'tcpdump', 'tcpdump', interfaces),
    {
      source: 'lldpd',
      programs: { lldpcli: 'lldpd' },
      absent: `lldpd does not run (no ${DEFAULT_SOCKET}); LLDP is read from frames all the same`,
      async look() {
        if (!existsSync(DEFAULT_SOCKET)) return null;
        await runTool(lldpTool, ['-u', DEFAULT_SOCKET, '-f', 'json0', 'show', 'interfaces'], 'lldpd');
        return `lldpd answers at ${DEFAULT_SOCKET}`;
      },
    },
    {
      source: 'hostapd',
      programs: { hostapd_cli: 'hostapd' },
      absent: `no access point runs (nothing in ${DEFAULT_CONTROL})`,
      async look() {
        const sockets = existsSync(DEFAULT_CONTROL) ? readdirSync(DEFAULT_CONTROL) : [];
        for (const name of sockets) {
          await runTool(
            hostapdTool(DEFAULT_CONTROL),
            ['-p', DEFAULT_CONTROL, '-i', name, 'status'],
            'hostapd',
          );
        }
        return listed(sockets);
      },
    },
    {
      source: 'iw',
      programs: { iw: 'iw' },
      absent: 'this machine has no Wi-Fi interface',
      async look() {
        for (const name of radios) await runTool(iwTool, ['dev', name, 'info'], `iw:${name}`);
        return listed(radios);
      },
    },
    {
      source: 'bridge',
      programs: { ip: 'iproute2', bridge: 'iproute2' },
      absent: 'there is no bridge; one is made with: ip link add br0 type bridge',
      look: async () => listed(bridges),
    },
    {
      source: 'ble',
      programs: {},
      absent: 'this machine has no Bluetooth',
      async look() {
        const adapters = existsSync('/sys/class/bluetooth') ? readdirSync('/sys/class/bluetooth') : [];
        const radio = new NobleRadio(0);
        try {
          await radio.scan(
            { intervalMs: 100, windowMs: 10, duplicates: false },
            { listening() {}, heard() {}, lost() {} },
          );
        } finally {
          radio.stop();
        }
        return listed(adapters.filter((name) => /^hci\d+$/.test(name)));
      },
    },
  ];
}

/** Opens the first interface as the source would. */
function capture(
  source: string,
  tool: CaptureTool,
  packageName: string,
  interfaces: readonly string[],
): Probe {
  return {
    source,
    programs: { [tool]: packageName },
    absent: 'this machine has no network interface but the loopback',
    async look() {
      const interfaceName = interfaces[0] ?? 'lo';
      const wish = { interfaceName, snapLength: 64, bufferMib: 1 };
      const child = startChild(tool, captureWords(tool, wish));
      // The head of the capture is written when the interface is open.
      const opened = new Promise<boolean>((resolve) => child.stdout.once('data', () => resolve(true)));
      const patience = new AbortController();
      const late = sleep(nodeClock, LONGEST_LOOK_MS, patience.signal).then(
        () => true,
        () => true,
      );
      const isOpen = await Promise.race([opened, child.end.then(() => false), late]);
      patience.abort();
      const end = await child.stop('SIGINT');
      if (!isOpen) throw captureFault(tool, wish, end);
      return interfaces.length === 0 ? 'lo' : interfaces.join(', ');
    },
  };
}
