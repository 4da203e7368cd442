/** A folder of append-only files: all that the agent's outbox needs of a disk. Names hold no separator. */
export interface FileStore {
  list(): Promise<string[]>;
  read(name: string): Promise<Buffer>;
  /** Adds at the end, creating the file (mode 0600) where there is none. */
  append(name: string, bytes: Uint8Array): Promise<void>;
  /** Replaces the whole file at once, or not at all. */
  replace(name: string, bytes: Uint8Array): Promise<void>;
  /** Returns when what was appended is on the disk. */
  sync(name: string): Promise<void>;
  truncate(name: string, length: number): Promise<void>;
  remove(name: string): Promise<void>;
}
