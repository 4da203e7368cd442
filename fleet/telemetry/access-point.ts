import { nullData } from '../../world/frames/ieee80211.ts';
import { macBytes } from '../../world/frames/octets.ts';
import { radiotap } from '../../world/frames/radiotap.ts';
import { hash4, normal, uniform } from '../../world/random.ts';
import type { TimedFrames } from './timed-source.ts';

const LINKTYPE_RADIOTAP = 127;
/** Associated at once, on average of a day and a building: small, so that memory is the devices' own. */
const CLIENTS = 4;
const FRAMES_OF_EACH = 3;
const CHANNELS_MHZ = [5180, 5200, 5220, 5240, 5745, 5765, 5785, 5805];
/** 24 Mb/s, in units of 500 kb/s. */
const RATE = 48;
const NOISE_DBM = -95;
/** Of one client at one place, IEEE 802.11-14/0980r16: some decibels. */
const FADING_DB = 3;

/** A radio with a few associated clients, each at a place of its own, heard with fading. */
export function accessPointAir(mac: string, seed: number): TimedFrames {
  const bssid = macBytes(mac);
  bssid[5] |= 1;
  const frequencyMhz = CHANNELS_MHZ[hash4(seed, 1, 0, 0, 0) % CHANNELS_MHZ.length];
  const station = (client: number): Uint8Array => {
    const bits = hash4(seed, 2, client, 0, 0);
    // Locally administered, as phones that randomise their address have it.
    return Uint8Array.of(0x02, client, bits >>> 24, (bits >>> 16) & 0xff, (bits >>> 8) & 0xff, bits & 0xff);
  };
  return {
    linkType: LINKTYPE_RADIOTAP,
    interfaceName: 'wlan0',
    frames(turn) {
      const frames: Uint8Array[] = [];
      for (let client = 0; client < CLIENTS; client++) {
        const placeDbm = -45 - uniform(hash4(seed, 3, client, 0, 0)) * 35;
        for (let i = 0; i < FRAMES_OF_EACH; i++) {
          const fadingDb = normal(hash4(seed, 4, client, turn, i)) * FADING_DB;
          const signalDbm = Math.round(Math.max(-92, Math.min(-20, placeDbm + fadingDb)));
          const frame = nullData(bssid, station(client), i === FRAMES_OF_EACH - 1);
          frames.push(
            radiotap(
              frame,
              { tsftUs: turn, frequencyMhz, rate: RATE, signalDbm, noiseDbm: NOISE_DBM },
              false,
            ),
          );
        }
      }
      return frames;
    },
  };
}
