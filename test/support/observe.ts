import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { dissect } from '../../packets/dissect.ts';
import { Dissection } from '../../packets/dissection.ts';
import { Observer, type ObserverOptions } from '../../packets/observe/observer.ts';
import { CaptureReader } from '../../packets/pcap/reader.ts';

export const capturePath = (name: string): string =>
  resolve(import.meta.dirname, '../../fixtures/captures', name);

/** Everything of one capture (its path below fixtures/captures) through an observer. */
export function observeCapture(
  name: string,
  observer = new Observer(),
  interfaceName: string | undefined = undefined,
): Observer {
  const reader = new CaptureReader();
  const d = new Dissection();
  reader.feed(readFileSync(capturePath(name)));
  while (reader.next()) {
    const { frame } = reader;
    dissect(
      d,
      frame.buffer.subarray(frame.start, frame.endWithoutFcs()),
      frame.linkType,
      frame.originalLength,
    );
    observer.frame(d, {
      timeMs: frame.seconds * 1000 + frame.nanoseconds / 1e6,
      number: frame.number,
      interfaceName: interfaceName ?? frame.interface.name ?? 'eth0',
      originalLength: frame.originalLength,
    });
  }
  return observer;
}

/** One frame of hexadecimal text, with a link type, into an observer that is given or new. */
export class FrameFeed {
  readonly observer: Observer;
  private readonly d = new Dissection();
  private number = 0;

  constructor(options: ObserverOptions = {}) {
    this.observer = new Observer(options);
  }

  /** Returns the number of the frame. */
  feed(frame: Uint8Array, { linkType = 1, interfaceName = 'eth0', timeMs = 0 } = {}): number {
    this.number++;
    dissect(this.d, frame, linkType);
    this.observer.frame(this.d, { timeMs, number: this.number, interfaceName, originalLength: frame.length });
    return this.number;
  }
}

export const bytes = (...parts: (string | number[] | Uint8Array)[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part.replace(/[\s:]/g, ''), 'hex') : Buffer.from(part),
    ),
  );
