import { z } from 'zod';
import type { FileStore } from '../platform/ports/files.ts';
import { type CloudAddress, parseCloudUrl } from '../protocol/cloud-url.ts';

const FILE = 'region.json';
const schema = z.strictObject({ configured: z.string().max(255), url: z.string().max(255) });

const urlOf = ({ host, port }: CloudAddress): string =>
  `mqtts://${host.includes(':') ? `[${host}]` : host}:${port}`;

/**
 * The region of the cloud to which a proven cloud has sent this device. It is dialled first, over restarts too
 * where there is a disk, and is judged like any other: certificate, name and factory key. What a device was told
 * counts for the cloud that it is configured for, and for no other.
 */
export class HomeRegion {
  private readonly configured: CloudAddress;
  private readonly files: FileStore | null;
  private redirected: CloudAddress | null = null;
  private written: Promise<void> = Promise.resolve();

  constructor(configured: CloudAddress, files: FileStore | null) {
    this.configured = configured;
    this.files = files;
  }

  async load(): Promise<void> {
    if (!this.files || !(await this.files.list()).includes(FILE)) return;
    try {
      const kept = schema.parse(JSON.parse((await this.files.read(FILE)).toString('utf8')));
      if (kept.configured === urlOf(this.configured)) this.redirected = parseCloudUrl(kept.url);
    } catch {
      // Unreadable: the configured cloud says it again.
      this.redirected = null;
    }
  }

  /** Where to log in first. */
  get address(): CloudAddress {
    return this.redirected ?? this.configured;
  }

  get isRedirected(): boolean {
    return this.redirected !== null;
  }

  /** A login there was good. Whether that is another region than the last one's. */
  settle(address: CloudAddress): boolean {
    const before = urlOf(this.address);
    const url = urlOf(address);
    if (url === before) return false;
    const isConfigured = url === urlOf(this.configured);
    this.redirected = isConfigured ? null : address;
    const { files } = this;
    if (files) {
      const kept = Buffer.from(JSON.stringify({ configured: urlOf(this.configured), url }));
      // A full disk forgets the region; the configured cloud says it again.
      this.written = this.written.then(() => files.replace(FILE, kept)).catch(() => {});
    }
    return true;
  }

  /** Resolves when the last change is on the disk. */
  async saved(): Promise<void> {
    await this.written;
  }
}
