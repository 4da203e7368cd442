/** From messages to what is known now: one function a stream. `event`, `upgrade` and `reply` only rest in the log. */
import type { Client } from '../../protocol/messages/clients.ts';
import type { UpMessage } from '../../protocol/messages/registry.ts';
import { transmitters } from '../../protocol/messages/rssi.ts';
import type { UpStream } from '../../protocol/topics.ts';
import type { OrgStore } from '../store/org-store.ts';
import type { StateKind } from '../store/state.ts';

export interface ProjectContext {
  store: OrgStore;
  serial: string;
  siteId: string | null;
  messageId: number;
  receivedMs: number;
  /** When the device made the message, as well as the cloud knows. */
  madeMs: number;
}

/** What is kept of a capture beside its sections. */
export interface CaptureSummary {
  captureId: Uint8Array;
  class: string;
  trigger: string;
  client?: Uint8Array;
  interfaceName?: string;
  fromMs: number;
  toMs: number;
  parts: number;
  packets: number;
  bytesSeen: number;
  bytesKept: number;
  complete: boolean;
}

type Projections = { [S in UpStream]?: (context: ProjectContext, message: UpMessage<S>) => void };

function put(
  context: ProjectContext,
  kind: StateKind,
  key: readonly (string | Uint8Array)[],
  value: object,
  { mac, gone }: { mac?: Uint8Array; gone?: boolean } = {},
): void {
  const { store, siteId, serial, madeMs, receivedMs } = context;
  store.state.put({ kind, key, siteId, serial, mac, seenMs: madeMs, receivedMs, gone, value });
}

/**
 * Whether the device only overhears a client of another's: it knows the BSSID from its frames, and not the network, and
 * takes nothing from what the one that serves the client has told. Nor does who has lost sight of a client that another
 * serves.
 */
function isOverheard({ store, serial }: ProjectContext, { mac, state, bssid, ssid }: Client): boolean {
  const isLeft = state === 'left';
  if (!isLeft && (state !== 'associated' || bssid === undefined || ssid !== undefined)) return false;
  const told = store.state.get<Client>('client', [mac]);
  if (told === null || told.serial === serial) return false;
  if (isLeft) return !told.gone;
  if (told.value.ssid === undefined || bssid === undefined) return false;
  return told.value.bssid !== undefined && Buffer.compare(told.value.bssid, bssid) === 0;
}

const projections: Projections = {
  hello: (context, message) => put(context, 'hello', [context.serial], message),
  stats: (context, message) => put(context, 'stats', [context.serial], message),
  clients(context, message) {
    const kind = message.class === 'wifi.connected' ? 'client' : 'unconnected';
    for (const client of message.clients) {
      const { mac, state } = client;
      if (!isOverheard(context, client)) put(context, kind, [mac], client, { mac, gone: state === 'left' });
    }
  },
  wired(context, message) {
    for (const host of message.hosts) {
      const { mac, port, gone } = host;
      put(context, 'wired', [context.serial, port, mac], host, { mac, gone });
    }
  },
  lldp(context, message) {
    for (const neighbour of message.neighbours) {
      const key = [context.serial, neighbour.port, neighbour.chassisId, neighbour.portId];
      // A goodbye, or what comes to the same (IEEE 802.1AB 9.2.7.9).
      if (neighbour.ttlS === 0) context.store.state.remove('neighbour', key);
      else put(context, 'neighbour', key, neighbour, { mac: neighbour.sourceMac });
    }
  },
  interfaces(context, message) {
    for (const port of message.ports) put(context, 'port', [context.serial, port.port], port);
    for (const radio of message.radios) put(context, 'radio', [context.serial, radio.radio], radio);
  },
  ble(context, message) {
    for (const device of message.devices)
      put(context, 'ble', [device.address], device, { mac: device.address });
  },
  rssi: (context, message) => context.store.indexRssi(transmitters(message), context.messageId),
  pcap(context, message) {
    const { captureId } = message;
    const key = [context.serial, captureId];
    const before = context.store.state.get<CaptureSummary>('capture', key)?.value;
    // A part without frames, as the last one may be, has no times either.
    const times = [before, message].filter((of) => of !== undefined && of.packets > 0) as CaptureSummary[];
    const summary: CaptureSummary = {
      captureId,
      class: message.class,
      trigger: message.trigger,
      client: message.client,
      interfaceName: message.interfaceName,
      fromMs: times.length > 0 ? Math.min(...times.map(({ fromMs }) => fromMs)) : message.fromMs,
      toMs: times.length > 0 ? Math.max(...times.map(({ toMs }) => toMs)) : message.toMs,
      parts: (before?.parts ?? 0) + 1,
      packets: (before?.packets ?? 0) + message.packets,
      bytesSeen: (before?.bytesSeen ?? 0) + message.bytesSeen,
      bytesKept: (before?.bytesKept ?? 0) + message.bytesKept,
      complete: message.last || (before?.complete ?? false),
    };
    put(context, 'capture', key, summary, { mac: message.client });
    context.store.addCapturePart(captureId, message.part, context.messageId);
  },
};

export function project<S extends UpStream>(context: ProjectContext, stream: S, message: UpMessage<S>): void {
  projections[stream]?.(context, message);
}
