/**
 * Tells news at once, and again at times what is known already: a client whose signal alone was heard anew, a host or
 * neighbour that was heard again.
 */
export interface NewsOptions<R> {
  /** Whom or what a record is of. */
  keyOf(record: R): string;
  /** All of it that is news when it changes. */
  newsOf(record: R): string;
  /** Records that are remembered; of more, the one told longest ago is news again. */
  limit: number;
}

export class News<R> {
  private readonly options: NewsOptions<R>;
  /** What was told, the last at the end. */
  private readonly told = new Map<string, string>();
  /** Heard since they were told. */
  private readonly waiting = new Map<string, R>();

  constructor(options: NewsOptions<R>) {
    this.options = options;
  }

  /** Of records that were heard, those that are news; with `all`, every one, and those that waited. */
  take(heard: readonly R[], all: boolean): R[] {
    const { keyOf, newsOf } = this.options;
    const due: R[] = [];
    for (const record of heard) {
      const key = keyOf(record);
      const news = newsOf(record);
      this.waiting.delete(key);
      if (all || this.told.get(key) !== news) due.push(this.tell(key, news, record));
      else this.waiting.set(key, record);
    }
    if (!all) return due;
    for (const [key, record] of this.waiting) due.push(this.tell(key, newsOf(record), record));
    this.waiting.clear();
    return due;
  }

  private tell(key: string, news: string, record: R): R {
    this.told.delete(key);
    this.told.set(key, news);
    if (this.told.size > this.options.limit) {
      const [oldest] = this.told.keys();
      this.told.delete(oldest);
      this.waiting.delete(oldest);
    }
    return record;
  }

  /** Forgets the records that the predicate picks, and what was told of anybody. */
  forget(isOne: (record: R) => boolean): void {
    for (const [key, record] of this.waiting) if (isOne(record)) this.waiting.delete(key);
    this.told.clear();
  }
}
