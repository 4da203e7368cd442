import { createRequire } from 'node:module';
import { AirherdError } from '../../../protocol/errors.ts';
import type { Radio, RadioListener, ScanOptions } from '../../ports/radio.ts';

/** Packages whose HCI parser has the same shape; the second has prebuilt sockets for arm64. */
export const NOBLE_PACKAGES = ['@abandonware/noble', '@stoprocent/noble'] as const;
export type NoblePackage = (typeof NOBLE_PACKAGES)[number];

/** Of noble's own parser of HCI, what is used here. */
interface Hci {
  init(): void;
  pollIsDevUp(): void;
  onSocketData(packet: Buffer): void;
  setScanParameters(interval: number, window: number): void;
  setScanEnabled(enabled: boolean, filterDuplicates: boolean): void;
  on(event: string, listener: (...values: never[]) => void): void;
  removeAllListeners(): void;
  _socket?: { stop?(): void; removeAllListeners?(): void };
}
type HciClass = new (options: { deviceId?: number; extended?: boolean }) => Hci;

/** Scan timing is in units of 0.625 ms. */
const SLOTS_PER_MS = 1.6;

/**
 * A radio by noble, from its HCI parser on. What stands above that parser in noble withholds an advertisement until
 * it comes a second time, and keeps every address that it ever saw: here each report goes through as it came, raw,
 * and nothing is kept.
 */
export class NobleRadio implements Radio {
  private readonly device: number | undefined;
  private readonly packageName: NoblePackage;
  private hci: Hci | null = null;
  private stopped = false;

  /** @param device number of the adapter: 0 is hci0 */
  constructor(device: number | undefined, packageName: NoblePackage = '@abandonware/noble') {
    this.device = device;
    this.packageName = packageName;
  }

  async scan(options: ScanOptions, listener: RadioListener): Promise<void> {
    const hci = this.open();
    this.hci = hci;
    const poll = hci.pollIsDevUp;
    // It would look every second for ever, and keep the process alive.
    hci.pollIsDevUp = () => {
      if (!this.stopped) poll.call(hci);
    };
    const take = hci.onSocketData;
    hci.onSocketData = (packet) => {
      try {
        take.call(hci, packet);
      } catch {
        // The parser reads beyond the end of events that are too short: such a packet says nothing.
      }
    };
    let isSet = false;
    hci.on('stateChange', (state: string) => {
      if (state !== 'poweredOn') return listener.lost(state);
      // It says so again with every answer to the scan parameters.
      if (isSet) return;
      isSet = true;
      hci.setScanEnabled(false, true);
      hci.setScanParameters(slots(options.intervalMs), slots(options.windowMs));
      hci.setScanEnabled(true, !options.duplicates);
    });
    hci.on('leScanEnableSet', () => listener.listening());
    hci.on('error', (error: unknown) => listener.lost(String(error)));
    hci.on(
      'leAdvertisingReport',
      (status: number, _type: number, address: string, kind: string, data: Buffer, rssiDbm: number) => {
        if (status !== 0) return;
        // The parser's buffer is the socket's: what is kept is copied.
        listener.heard({
          address,
          isRandom: kind === 'random',
          advertisingData: Uint8Array.from(data),
          rssiDbm,
        });
      },
    );
    try {
      hci.init();
    } catch (error) {
      throw bluetoothFault(error);
    }
  }

  private open(): Hci {
    const require = createRequire(import.meta.url);
    try {
      // Not until now: it throws where there is no Bluetooth.
      const Hci = require(`${this.packageName}/lib/hci-socket/hci.js`) as HciClass;
      // Extended reports (Bluetooth 5) have another form; legacy advertising, which badges use, comes either way.
      return new Hci({ deviceId: this.device, extended: false });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
        throw new AirherdError('source-tool', {
          tool: this.packageName,
          run: `npm install ${this.packageName}`,
        });
      }
      throw bluetoothFault(error);
    }
  }

  stop(): void {
    this.stopped = true;
    const { hci } = this;
    if (hci === null) return;
    try {
      hci.setScanEnabled(false, true);
      hci._socket?.stop?.();
    } catch {
      // A radio that was pulled out cannot be told to stop.
    }
    hci._socket?.removeAllListeners?.();
    hci.removeAllListeners();
  }
}

const slots = (ms: number): number => Math.max(4, Math.min(0x4000, Math.round(ms * SLOTS_PER_MS)));

/** What the socket says when it may not, or cannot. */
function bluetoothFault(error: unknown): AirherdError {
  const said = error instanceof Error ? error.message : String(error);
  if (/EPERM|EACCES|not permitted|permission/i.test(said)) {
    const run = `sudo setcap cap_net_raw,cap_net_admin+eip ${process.execPath}`;
    return new AirherdError('source-privilege', { tool: 'node', what: 'listen by Bluetooth', run });
  }
  const none = /EAFNOSUPPORT|address family|ENODEV|no such device/i.test(said);
  const detail = none ? 'this machine has no Bluetooth, or its driver is not loaded' : said.slice(0, 200);
  return new AirherdError('source-interrupted', { source: 'ble', detail });
}
