/** Who is connected now, as the facts have it, and how many stations each network of each radio has. */
import type { Connected, Fact, Joined } from './emission.ts';

export class Attendance {
  private readonly here = new Map<string, Connected>();
  private readonly perBssid = new Map<string, number>();

  apply(fact: Fact, timeUs: number): void {
    switch (fact.type) {
      case 'join':
      case 'roam':
        this.forget(fact.being);
        if (fact.outcome === 'joined') this.join(fact, timeUs);
        return;
      case 'address': {
        const known = this.here.get(fact.being);
        const { being, mac, vlan, ipv4, hostName } = fact;
        const isBound = fact.outcome === 'bound';
        if (known !== undefined)
          this.here.set(being, { ...known, vlan, ipv4: isBound ? ipv4 : null, hostName });
        else if (isBound)
          this.here.set(being, { being, mac, sinceMs: timeUs / 1000, wifi: null, vlan, ipv4, hostName });
        return;
      }
      case 'leave':
        this.forget(fact.being);
    }
  }

  private join({ being, mac, accessPoint, band, bssid, ssid, userName }: Joined, timeUs: number): void {
    const wifi = { accessPoint, band, bssid, ssid, userName };
    this.here.set(being, {
      being,
      mac,
      sinceMs: timeUs / 1000,
      wifi,
      vlan: null,
      ipv4: null,
      hostName: null,
    });
    this.perBssid.set(bssid, this.stations(bssid) + 1);
  }

  private forget(being: string): void {
    const bssid = this.here.get(being)?.wifi?.bssid;
    if (bssid !== undefined) this.perBssid.set(bssid, this.stations(bssid) - 1);
    this.here.delete(being);
  }

  stations(bssid: string): number {
    return this.perBssid.get(bssid) ?? 0;
  }

  /** In order of their ids. */
  connected(): Connected[] {
    return [...this.here.values()].sort((a, b) => (a.being < b.being ? -1 : 1));
  }
}
