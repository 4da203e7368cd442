/** Redraws lines in place on a terminal; the cursor comes back, and the last picture stays, at the end. */
export interface Screen {
  draw(lines: readonly string[]): void;
  close(): void;
}

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_BELOW = '\x1b[J';

export function openScreen(stream: NodeJS.WriteStream): Screen {
  let drawn = 0;
  stream.write(HIDE_CURSOR);
  return {
    draw(lines) {
      const back = drawn > 0 ? `\x1b[${drawn}A` : '';
      const text = lines.map((line) => `\r\x1b[K${line}\n`).join('');
      stream.write(back + text + CLEAR_BELOW);
      drawn = lines.length;
    },
    close: () => {
      stream.write(SHOW_CURSOR);
    },
  };
}
