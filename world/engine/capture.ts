/** The world's frames as a pcapng file: an interface for each interface of each device, in order of appearance. */
import { PcapngWriter } from '../../packets/pcap/pcapng-writer.ts';
import type { WorldFrame } from './world.ts';

export class WorldCapture {
  private readonly writer = new PcapngWriter();
  private readonly interfaces = new Map<string, number>();
  frames = 0;

  constructor(application: string) {
    this.writer.section(application);
  }

  /** The interface is named `device/interface`. */
  add({ timeUs, device, interface: name, linkType, bytes }: WorldFrame): void {
    const key = `${device}/${name}`;
    let id = this.interfaces.get(key);
    if (id === undefined) {
      id = this.writer.interface({ linkType, name: key });
      this.interfaces.set(key, id);
    }
    const seconds = Math.floor(timeUs / 1e6);
    const nanoseconds = (timeUs - seconds * 1e6) * 1000;
    this.writer.frame(id, seconds, nanoseconds, bytes, 0, bytes.length, bytes.length);
    this.frames++;
  }

  /** Bytes since the last call. They stand until the next one. */
  take(): Uint8Array {
    return this.writer.output.take();
  }

  get pendingBytes(): number {
    return this.writer.output.length;
  }
}
