import { EventEmitter } from 'node:events';
import Module from 'node:module';

/** Commands, by opcode: Core Specification, volume 4, part E, 7. */
const READ_LOCAL_VERSION = 0x1001;
const READ_LE_HOST_SUPPORTED = 0x0c6c;
const READ_BD_ADDR = 0x1009;
const LE_READ_BUFFER_SIZE = 0x2002;
const LE_READ_LOCAL_SUPPORTED_FEATURES = 0x2003;
export const LE_SET_SCAN_PARAMETERS = 0x200b;
const LE_SET_SCAN_ENABLE = 0x200c;

/**
 * A Bluetooth controller in place of the kernel's socket, below noble's own HCI parser: it answers commands and
 * reports advertisements, as bytes.
 */
export class VirtualController extends EventEmitter {
  static last: VirtualController | null = null;
  /** What the constructor does where there is no Bluetooth. */
  static fault: Error | null = null;
  /** A package that is as if it were not installed. */
  static absent: string | null = null;
  /** Commands that came, by opcode. */
  readonly commands = new Map<number, number>();
  up = true;
  scan: { intervalSlots: number; windowSlots: number; filter: boolean; enabled: boolean } = {
    intervalSlots: 0,
    windowSlots: 0,
    filter: true,
    enabled: false,
  };
  private readonly heard = new Set<string>();

  constructor() {
    super();
    if (VirtualController.fault !== null) throw VirtualController.fault;
    VirtualController.last = this;
  }

  bindRaw(): void {}
  start(): void {}
  stop(): void {}
  setFilter(): void {}
  isDevUp(): boolean {
    return this.up;
  }

  write(packet: Buffer): void {
    const opcode = packet.readUInt16LE(1);
    this.commands.set(opcode, (this.commands.get(opcode) ?? 0) + 1);
    const parameters = packet.subarray(4);
    let result = Buffer.alloc(0);
    if (opcode === READ_LOCAL_VERSION) result = Buffer.from('0900000902000000', 'hex');
    if (opcode === READ_LE_HOST_SUPPORTED) result = Buffer.from('0100', 'hex');
    if (opcode === READ_BD_ADDR) result = Buffer.from('665544332211', 'hex');
    if (opcode === LE_READ_LOCAL_SUPPORTED_FEATURES) result = Buffer.alloc(8, 0xff);
    if (opcode === LE_READ_BUFFER_SIZE) result = Buffer.from('fb000f', 'hex');
    if (opcode === LE_SET_SCAN_PARAMETERS) {
      this.scan.intervalSlots = parameters.readUInt16LE(1);
      this.scan.windowSlots = parameters.readUInt16LE(3);
    }
    if (opcode === LE_SET_SCAN_ENABLE) {
      this.scan.enabled = parameters[0] === 1;
      this.scan.filter = parameters[1] === 1;
    }
    // Command Complete (7.7.14): one more command may come, its opcode, status 0, its result.
    const head = Buffer.from([0x04, 0x0e, 4 + result.length, 1, opcode & 0xff, opcode >> 8, 0]);
    queueMicrotask(() => this.emit('data', Buffer.concat([head, result])));
    if (this.scan.enabled) queueMicrotask(() => this.emit('scanning'));
  }

  /** LE Advertising Report (7.7.65.2); a controller that filters reports each advertiser once. */
  advertise(address: string, random: boolean, data: Uint8Array, rssiDbm: number, type = 0): void {
    if (!this.scan.enabled || (this.scan.filter && this.heard.has(address))) return;
    this.heard.add(address);
    const mac = Buffer.from(address.replaceAll(':', ''), 'hex').reverse();
    const report = Buffer.concat([
      Buffer.from([0x02, 1, type, random ? 1 : 0]),
      mac,
      Buffer.from([data.length]),
      data,
      Buffer.from(Int8Array.of(rssiDbm).buffer),
    ]);
    this.emit('data', Buffer.concat([Buffer.from([0x04, 0x3e, report.length]), report]));
  }

  /** The other package asks for a driver by name. */
  static loadDriver(): typeof VirtualController {
    return VirtualController;
  }

  /** Takes the place of the socket package for what is loaded from now on. */
  static install(): void {
    const loader = Module as unknown as { _load(request: string, ...rest: unknown[]): unknown };
    const load = loader._load;
    loader._load = (request, ...rest) => {
      if (VirtualController.absent !== null && request.startsWith(VirtualController.absent)) {
        throw Object.assign(new Error(`Cannot find module '${request}'`), { code: 'MODULE_NOT_FOUND' });
      }
      return request.endsWith('/bluetooth-hci-socket')
        ? VirtualController
        : load.call(loader, request, ...rest);
    };
  }
}
