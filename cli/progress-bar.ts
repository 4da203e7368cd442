/** One line on a terminal that is rewritten in place; nothing where standard error is no terminal. */
export interface ProgressBar {
  show(done: number, total: number): void;
  /** Leaves the line free for what is printed next. */
  clear(): void;
}

const WIDTH = 30;
const REDRAW_MS = 100;

export function progressBar(label: string, stream: NodeJS.WriteStream = process.stderr): ProgressBar {
  const startMs = performance.now();
  let drawnMs = Number.NEGATIVE_INFINITY;
  let first: number | null = null;
  return {
    show(done, total) {
      // the rate is of this run: what an earlier one had made took no time now
      first ??= done;
      const nowMs = performance.now();
      if (!stream.isTTY || (nowMs - drawnMs < REDRAW_MS && done < total)) return;
      drawnMs = nowMs;
      const filled = total === 0 ? WIDTH : Math.floor((done / total) * WIDTH);
      const seconds = (nowMs - startMs) / 1000;
      const left = done > first ? Math.ceil(((total - done) * seconds) / (done - first)) : null;
      const bar = '#'.repeat(filled).padEnd(WIDTH, '.');
      stream.write(`\r\x1b[K${label} [${bar}] ${done}/${total}${left === null ? '' : `, ${left} s left`}`);
    },
    clear() {
      if (stream.isTTY && drawnMs > Number.NEGATIVE_INFINITY) stream.write('\r\x1b[K');
    },
  };
}
