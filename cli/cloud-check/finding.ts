/** `advice`: holds, but could be stricter, or is worth knowing. `wrong`: a promise is not kept. */
export type Level = 'ok' | 'advice' | 'wrong';

/** One thing that was looked at. */
export interface Finding {
  /** Stable: `<area>.<what>`. */
  id: string;
  level: Level;
  area: string;
  /** What was found. */
  text: string;
  /** What to do about it; null when there is nothing. */
  mend: string | null;
}

/** Findings about one part of a cloud. */
export class Findings {
  readonly area: string;
  readonly all: Finding[] = [];
  readonly #prefix: string;

  constructor(area: string) {
    this.area = area;
    this.#prefix = area.toLowerCase().replaceAll(' ', '-');
  }

  ok(id: string, text: string): void {
    this.#add(id, 'ok', text, null);
  }

  advice(id: string, text: string, mend: string): void {
    this.#add(id, 'advice', text, mend);
  }

  wrong(id: string, text: string, mend: string): void {
    this.#add(id, 'wrong', text, mend);
  }

  /** `good` when `holds`, `bad` otherwise. */
  must(id: string, holds: boolean, good: string, bad: string, mend: string): void {
    if (holds) this.ok(id, good);
    else this.wrong(id, bad, mend);
  }

  #add(id: string, level: Level, text: string, mend: string | null): void {
    this.all.push({ id: `${this.#prefix}.${id}`, level, area: this.area, text, mend });
  }
}
