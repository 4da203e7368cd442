/** A burst of probe requests of an unconnected station: a few channels of each band, with a MAC of its own. */
import type { Being, WifiTraits } from '../../beings/model.ts';
import { vendor } from '../../frames/ieee80211-elements.ts';
import { probeRequest, probeResponse } from '../../frames/ieee80211-management.ts';
import { macBytes } from '../../frames/octets.ts';
import type { Draws } from '../../random.ts';
import type { Band } from '../../site/model.ts';
import type { Station } from '../attachment.ts';
import { MS, madeUpMac } from '../chance.ts';
import type { Script } from '../emission.ts';
import type { Cell, SiteNetwork } from '../network.ts';

const CHANNELS: Readonly<Record<Band, readonly number[]>> = {
  '2.4': [1, 6, 11],
  '5': [36, 40, 44, 48, 52, 100, 116, 149],
  // Preferred scanning channels (26.17.2.3.3): all others are found from them.
  '6': [5, 21, 37, 53, 69, 85, 101],
};
/** Two probes a channel, and then the next one. */
const DWELL_MS = 12;

/** How long a burst takes. */
export const burstUs = ({ framesPerBurst }: WifiTraits): number => framesPerBurst * DWELL_MS * MS;
/** Extra elements that give makers away; what follows the OUI is opaque. */
export const VENDOR: Readonly<Record<string, Uint8Array>> = {
  Apple: vendor([0x00, 0x17, 0xf2], [0x0a, 0x00, 0x01, 0x04, 0x00, 0x00, 0x00, 0x00]),
  Microsoft: vendor([0x00, 0x50, 0xf2], [0x08, 0x00, 0x22, 0x00]),
};

export const channelsOf = (bands: readonly Band[]): { band: Band; channel: number }[] =>
  bands.flatMap((band) => CHANNELS[band].map((channel) => ({ band, channel })));

interface Scan {
  being: Being;
  station: Station;
  network: SiteNetwork;
  draws: Draws;
  traits: WifiTraits;
  /** Number of the burst, which its MAC follows from. */
  burst: number;
  /** The cell that answers, if one hears. */
  answers: Cell | null;
}

export function* scan(of: Scan, startUs: number): Script {
  const { being, station, draws, traits, network, answers } = of;
  const { seed } = network.site;
  station.mac =
    being.macPolicy.probing === 'burst' ? madeUpMac(seed, being.index, 1000 + of.burst) : macBytes(being.mac);
  const all = channelsOf(traits.bands);
  const offset = draws.integer(0, all.length - 1);
  let timeUs = startUs;
  for (let i = 0; i < traits.framesPerBurst; i++) {
    const on = all[(offset + (i >> 1)) % all.length];
    const frame = probeRequest(station.mac, '', on.band, on.channel, VENDOR[being.manufacturer] ?? []);
    yield station.transmit(timeUs, frame, on);
    const bss = answers === null ? null : network.bssAt(answers, timeUs);
    if (bss !== null && bss.channel === on.channel && bss.band === on.band) {
      const answerUs = timeUs + draws.integer(1, 4) * MS;
      station.cell = answers;
      yield station.down(answerUs, probeResponse(bss, station.mac, answerUs));
      station.cell = null;
    }
    timeUs += DWELL_MS * MS;
  }
  return timeUs;
}
