const PATIENCE_MS = 2000;
const REDRAW_MS = 250;

/** A running count on the terminal for captures that take more than two seconds; else nothing. */
export class FrameCounter {
  private readonly stream: NodeJS.WriteStream;
  private nextMs = performance.now() + PATIENCE_MS;
  private isDrawn = false;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.stream = stream;
  }

  show(frames: number): void {
    const nowMs = performance.now();
    if (!this.stream.isTTY || nowMs < this.nextMs) return;
    this.nextMs = nowMs + REDRAW_MS;
    this.isDrawn = true;
    this.stream.write(`\r\x1b[K${frames} frames`);
  }

  clear(): void {
    if (this.isDrawn) this.stream.write('\r\x1b[K');
  }
}
