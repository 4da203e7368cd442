import type { Band } from '../site/model.ts';
import type { RadioEnvironment } from './link.ts';

/** Parameters of indoor Wi-Fi by band; TGax path loss, the spreads as measured on public data sets. */
export function wifiEnvironment(band: Band): RadioEnvironment {
  const frequencyGHz = { '2.4': 2.44, '5': 5.5, '6': 6.2 }[band];
  return {
    pathLoss: { model: 'tgax-enterprise', frequencyGHz },
    maxDistanceM: 300,
    shadowingSdDb: band === '2.4' ? 5 : 6,
    decorrelationM: 3.5,
    fading: { kind: 'normal', sdDb: 2.5 },
    receiverOffsetSdDb: 2,
    deviceOffsetSdDb: 3.5,
    bodyDb: 6,
    sensitivityDbm: -90,
  };
}

/** Bluetooth advertising at 0 dBm, 2.4 GHz. */
export const bleEnvironment: RadioEnvironment = {
  pathLoss: { model: 'log-distance', lossAt1mDb: 60, exponent: 2.6 },
  maxDistanceM: 100,
  shadowingSdDb: 4.3,
  decorrelationM: 2.2,
  fading: { kind: 'ricean', kFactorDb: 5, redrawM: 0.25 },
  receiverOffsetSdDb: 1.5,
  deviceOffsetSdDb: 2,
  bodyDb: 5,
  sensitivityDbm: -95,
};
