import type { Band, ClientState } from './records.ts';
import { RssiStatistics } from './rssi.ts';

/** What is known of a host as a Wi-Fi station. Texts are made when they change, not per frame. */
export class WifiSide {
  state: ClientState = 'probing';
  stateFrame: number;
  bssid: string | undefined;
  bssidFrame = 0;
  bssidHigh = 0;
  bssidLow = 0;
  ssid: string | undefined;
  ssidFrame = 0;
  channel: number | undefined;
  band: Band | undefined;
  channelFrame = 0;
  frequencyMhz = 0;
  readonly rssi = new RssiStatistics();

  constructor(frame: number) {
    this.stateFrame = frame;
  }

  enter(state: ClientState, frame: number): void {
    if (this.state === state) return;
    this.state = state;
    this.stateFrame = frame;
  }
}
