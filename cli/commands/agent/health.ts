import { Gauge, Registry } from 'prom-client';
import type { Agent } from '../../../agent/index.ts';
import type { Identity } from '../../../certs/identity.ts';
import { serveOnSocket } from '../../../platform/node/unix-http.ts';

/** `/health` and `/metrics` on a Unix socket. */
export async function healthOf(
  { serial, kind }: Identity,
  socket: string,
  device: Agent,
  sources: ReadonlyMap<string, string>,
): Promise<{ close(): Promise<void> }> {
  return serveOnSocket(socket, async (url) => {
    if (url === '/health') {
      const healthy = device.state === 'open' && device.outbox.diskFaults === 0;
      const { state, outbox } = device;
      const body = JSON.stringify({
        ...{ serial, healthy, state, outbox },
        ...{ sources: Object.fromEntries(sources), counts: device.sources() },
      });
      return { status: healthy ? 200 : 503, type: 'application/json', body: `${body}\n` };
    }
    if (url !== '/metrics') return null;
    const registry = metrics(serial, kind, device);
    return { status: 200, type: registry.contentType, body: await registry.metrics() };
  });
}

function metrics(serial: string, kind: string, device: Agent): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ serial, kind });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `airherd_agent_${name}`, help, labelNames, registers: [registry] });
  gauge('connected', '1 while both ends are proven').set(device.state === 'open' ? 1 : 0);
  gauge('outbox_bytes', 'waiting for the cloud').set(device.outbox.bytes);
  gauge('outbox_disk_faults', 'writes that failed').set(device.outbox.diskFaults);
  gauge('resident_bytes', 'memory of the process').set(process.memoryUsage.rss());
  const counts = {
    produced: gauge('messages_produced', 'of this boot', ['stream']),
    acknowledged: gauge('messages_acknowledged', 'stored by the cloud', ['stream']),
    pending: gauge('messages_pending', 'not stored yet', ['stream']),
    dropped: gauge('messages_dropped', 'dropped, counted', ['stream']),
  };
  const seen = {
    frames: gauge('source_frames', 'frames, findings or reports of a source', ['source']),
    bytes: gauge('source_bytes', 'bytes of a source', ['source']),
  };
  const dropped = gauge('source_dropped', 'frames that a source lost, and who lost them', ['source', 'by']);
  for (const report of device.sources()) {
    const source = report.name;
    for (const [name, each] of Object.entries(seen)) each.set({ source }, report[name as keyof typeof seen]);
    const { droppedBy = { unknown: report.dropped } } = report;
    for (const [by, count] of Object.entries(droppedBy)) dropped.set({ source, by }, count);
  }
  for (const row of device.ledger()) {
    for (const [name, each] of Object.entries(counts)) {
      each.set({ stream: row.stream }, row[name as keyof typeof counts]);
    }
  }
  return registry;
}
