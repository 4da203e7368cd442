/** Options that a client has sent before: clients repeat themselves, and what is the same need not be judged again. */
export class OptionMemory {
  private readonly byCode = new Map<number, Uint8Array>();

  clear(): void {
    this.byCode.clear();
  }

  /** True when the option had other data, or none, the last time. */
  isNew(code: number, b: Uint8Array, start: number, end: number): boolean {
    const known = this.byCode.get(code);
    if (known !== undefined && known.length === end - start) {
      let k = 0;
      while (k < known.length && known[k] === b[start + k]) k++;
      if (k === known.length) return false;
      for (; k < known.length; k++) known[k] = b[start + k];
      return true;
    }
    this.byCode.set(code, b.slice(start, end));
    return true;
  }
}
