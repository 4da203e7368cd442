/** Devices and clients of a site, as Prometheus reads them: asks the cloud's API at every scrape. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import { Gauge, Registry } from 'prom-client';

/**
 * @param {{url: string, token: string, ca?: string}} cloud
 * @param {string} path
 * @returns {Promise<any>}
 */
function ask({ url, token, ca }, path) {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, url),
      { ca, headers: { authorization: `Token ${token}` } },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part) => {
          text += part;
        });
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(`${path}: ${answer.statusCode} ${text}`));
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** The metrics of one site as text, asked for now. */
export async function scrape(cloud, siteId) {
  const registry = new Registry();
  const gauge = (name, help, labelNames) => new Gauge({ name, help, labelNames, registers: [registry] });
  const up = gauge('device_up', '1 while the device is connected', ['serial', 'model']);
  const clients = gauge('site_clients', 'clients on Wi-Fi now', ['ssid', 'band']);
  const [devices, stations] = await Promise.all([
    ask(cloud, `/api/v1/sites/${siteId}/stats/devices?type=all&limit=1000`),
    ask(cloud, `/api/v1/sites/${siteId}/stats/clients?limit=1000`),
  ]);
  for (const { serial, model, status } of devices) up.set({ serial, model }, status === 'connected' ? 1 : 0);
  for (const { ssid = '', band = '' } of stations) clients.inc({ ssid, band });
  return registry.metrics();
}

/** Serves `/metrics`; a cloud that does not answer is a scrape that fails, not an exporter that ends. */
export function serve(cloud, siteId) {
  return createServer(async (incoming, outgoing) => {
    if (incoming.url !== '/metrics') return outgoing.writeHead(404).end();
    try {
      const text = await scrape(cloud, siteId);
      outgoing.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text);
    } catch (error) {
      outgoing.writeHead(502).end(`${error.message}\n`);
    }
  });
}

if (process.argv[1] === import.meta.filename) {
  const { CLOUD_URL, CLOUD_TOKEN, CLOUD_CA, SITE_ID, PORT = '9120' } = process.env;
  const ca = CLOUD_CA && readFileSync(CLOUD_CA, 'utf8');
  serve({ url: CLOUD_URL, token: CLOUD_TOKEN, ca }, SITE_ID).listen(Number(PORT), '127.0.0.1');
}
