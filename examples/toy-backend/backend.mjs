/** Tickets for access points that are down, and how many clients each of them has. */
export class ToyBackend {
  /** @type {Map<string, {serial: string, open: boolean}>} */
  tickets = new Map();

  /** @param {(path: string) => Promise<any[]>} ask answers of the cloud's API */
  constructor(ask, siteId) {
    this.ask = ask;
    this.siteId = siteId;
  }

  /** Looks once; a service would do so every minute. */
  async look() {
    for (const { serial, status } of await this.ask(`/api/v1/sites/${this.siteId}/stats/devices?type=ap`)) {
      if (status !== 'connected') this.tickets.set(serial, { serial, open: true });
      else if (this.tickets.has(serial)) this.tickets.get(serial).open = false;
    }
  }

  async clientsOf(serial) {
    const clients = await this.ask(`/api/airherd/v1/sites/${this.siteId}/clients?serial=${serial}`);
    return clients.map(({ mac }) => mac.match(/../g).join(':'));
  }
}
