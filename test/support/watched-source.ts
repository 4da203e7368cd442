import type { CapturedFrame, Source } from '../../platform/ports/source.ts';

/** Reads a source, and says what became of it; each wait ends with an event and not with time. */
export class WatchedSource {
  readonly frames: CapturedFrame[] = [];
  /** Errors, and what was missed when it went on. */
  readonly told: (Error | number)[] = [];
  readonly ended: Promise<void>;
  private readonly abort = new AbortController();
  private readonly waiting = new Set<() => void>();

  constructor(source: Source) {
    const say = (what: Error | number) => {
      this.told.push(what);
      this.look();
    };
    source.watch?.({ interrupted: say, resumed: say });
    this.ended = this.read(source);
  }

  private look(): void {
    for (const check of this.waiting) check();
  }

  private async read(source: Source): Promise<void> {
    for await (const batch of source.frames(this.abort.signal)) {
      this.frames.push(...batch);
      this.look();
    }
  }

  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!isSo()) return;
        this.waiting.delete(check);
        resolve();
      };
      this.waiting.add(check);
      check();
    });
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.ended;
  }
}
