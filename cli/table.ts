import { printable } from './printable.ts';
import { cells, pad, shorten } from './text.ts';

export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** Narrowest that the column may become when the table does not fit; its full width otherwise. */
  minWidth?: number;
}

/**
 * Lines of a table no wider than `width` cells. Columns with a `minWidth` give way, widest first. Values are
 * made printable here, so that callers can pass what clients chose.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const safe = rows.map((row) => row.map(printable));
  const widths = columns.map((column, i) =>
    Math.max(cells(column.title), ...safe.map((row) => cells(row[i] ?? ''))),
  );
  const gaps = 2 * (columns.length - 1);
  let over = widths.reduce((sum, w) => sum + w, gaps) - width;
  while (over > 0) {
    let widest = -1;
    columns.forEach((column, i) => {
      const canGive = column.minWidth !== undefined && widths[i] > column.minWidth;
      if (canGive && (widest < 0 || widths[i] > widths[widest])) widest = i;
    });
    if (widest < 0) break;
    widths[widest]--;
    over--;
  }
  const line = (row: readonly string[]) =>
    columns
      .map((column, i) => pad(shorten(row[i] ?? '', widths[i]), widths[i], column.align))
      .join('  ')
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...safe.map(line)];
}
