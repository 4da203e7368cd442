/** A broker as coordinator and workers use it; its client is of the command line (cli/commands/fleet/bus.ts). */
export interface Bus {
  publish(topic: string, message: object): void;
  subscribe(filter: string, onMessage: (topic: string, payload: Buffer) => void): Promise<void>;
  close(): Promise<void>;
}
