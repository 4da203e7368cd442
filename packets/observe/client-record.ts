import type { AccessPoints } from './access-points.ts';
import type { Host } from './host.ts';
import type { ClientRecord, WiredRecord } from './records.ts';
import type { WifiSide } from './wifi-side.ts';

/** The network's name is what the client asked for, else what its access point announces. */
export function clientRecord(host: Host, wifi: WifiSide, accessPoints: AccessPoints): ClientRecord {
  const shared = host.record();
  const record: ClientRecord = {
    ...shared.host,
    state: wifi.state,
    provenance: { ...shared.provenance, state: wifi.stateFrame },
  };
  const ap = wifi.bssid === undefined ? undefined : accessPoints.get(wifi.bssidHigh, wifi.bssidLow);
  if (wifi.bssid !== undefined) {
    record.bssid = wifi.bssid;
    record.provenance.bssid = wifi.bssidFrame;
  }
  const ssid = wifi.ssid ?? ap?.ssid;
  if (ssid !== undefined) {
    record.ssid = ssid;
    record.provenance.ssid = wifi.ssid === undefined ? ap?.ssidFrame : wifi.ssidFrame;
  }
  const tuned = ap?.channel !== undefined && wifi.state !== 'probing' ? ap : wifi;
  if (tuned.channel !== undefined) {
    record.channel = tuned.channel;
    record.provenance.channel = tuned.channelFrame;
  }
  if (tuned.band !== undefined) {
    record.band = tuned.band;
    record.provenance.band = tuned.channelFrame;
  }
  if (wifi.rssi.count > 0) {
    record.rssi = wifi.rssi.summary();
    record.provenance.rssi = wifi.rssi.frames();
  }
  const port = host.ports.length > 0 ? host.ports[0] : undefined;
  if (port !== undefined && port.vlan > 0) {
    record.vlan = port.vlan;
    record.provenance.vlan = port.vlanFrame;
  }
  return record;
}

export function wiredRecords(host: Host): WiredRecord[] {
  return host.ports.map((sighting) => {
    const shared = host.record();
    const record: WiredRecord = {
      ...shared.host,
      port: sighting.port,
      lastSeenMs: sighting.lastSeenMs,
      provenance: { ...shared.provenance, port: sighting.frame },
    };
    if (sighting.isGone) record.gone = true;
    if (sighting.vlan > 0) {
      record.vlan = sighting.vlan;
      record.provenance.vlan = sighting.vlanFrame;
    }
    return record;
  });
}
