const RC = 2;
const XOSC = 3;
const RX = 5;
const TX = 6;
const TX_DONE = 0x001;
const RX_DONE = 0x002;
const TIMEOUT = 0x200;
const COMMAND_NS = 60e3;
const WAKE_NS = 340e3;
const CALIBRATE_NS = 3.5e6;
const START_NS = 70e3; // from SetTx or SetRx to what it asks for
const BANDWIDTHS = { 4: 125e3, 5: 250e3, 6: 500e3 };
const RESET_REGISTERS = [[0x0736, 0x0d], [0x0740, 0x14], [0x0741, 0x24], [0x08ac, 0x94], [0x08d8, 0xc8]];
const LOCK = 5; // chirps of a preamble that a receiver must see
const PREAMBLE = 8;

/**
 * An SX1262 on an SPI bus, as far as its times go: what tests/support/sx1262_chip.py has of its
 * rules is not here. `sent`: [{begin_ns, end_ns, hex, sf}]; `opened`: the times at which its
 * receiver opened. answer() puts a downlink on the air, after the end of the next transmission.
 */
export class Sx1262 {
  constructor(chip, { bus = 1, select = 3, busy = 2, dio1 = 20, reset = 15 } = {}) {
    Object.assign(this, { chip, bus, busy, dio1, sent: [], opened: [], next: null, down: null });
    this.clear();
    chip.parts.push(() => this.attach());
    this.attach();
    chip.pads.probe(select, (level) => (level === 0 ? this.begin() : this.end()));
    chip.pads.probe(reset, (level) => level === 0 && this.clear());
  }

  /** A downlink that begins so long after the end of the next transmission. */
  answer({ after_us, hex }) {
    this.next = { after_us, bytes: Buffer.from(hex, "hex") };
  }

  clear() {
    this.registers = new Map(RESET_REGISTERS);
    Object.assign(this, { mode: RC, asleep: false, irq: 0, mask: 0, symbols: 0, session: 0 });
    Object.assign(this, { buffer: Buffer.alloc(256), base: [0, 0], got: null, status: [0, 0] });
    this.chip.pads.drive(this.dio1, 0);
    this.wait(COMMAND_NS);
  }

  attach() {
    const spi = this.chip.rp.spi[this.bus];
    spi.onTransmit = (byte) => {
      const ns = (8 * 1e9) / spi.clockFrequency;
      const answer = this.got ? this.transfer(byte) : 0;
      this.chip.at(this.chip.nanos + ns, () => spi.completeTransmit(answer));
    };
  }

  begin() {
    this.got = this.asleep ? null : [];
    if (this.asleep) {
      Object.assign(this, { asleep: false, mode: RC });
      this.wait(WAKE_NS);
    }
  }

  transfer(byte) {
    const { got, irq } = this;
    got.push(byte);
    const at = got.length - 1;
    const status = (this.mode << 4) | 2;
    if (!at) return 0;
    const answers = {
      0x12: [status, irq >> 8, irq & 255],
      0x13: [status, ...this.status],
      0x14: [status, 200, 20, 200],
      0x15: [status, 220],
      0x17: [status, 0, 0],
    }[got[0]];
    if (answers) return answers[at - 1] ?? status;
    if (got[0] === 0x1d && at > 3) return this.registers.get((got[1] << 8) + got[2] + at - 4) ?? 0;
    if (got[0] === 0x1e && at > 2) return this.buffer[(got[1] + at - 3) & 255];
    return status;
  }

  end() {
    const { got } = this;
    this.got = null;
    if (!got?.length) return;
    const [command, ...args] = got;
    if (command === 0x84) {
      this.asleep = true;
      this.session++;
      this.chip.pads.drive(this.busy, 1);
      return;
    }
    this.wait(command === 0x89 || command === 0x98 ? CALIBRATE_NS : COMMAND_NS);
    if (command === 0x80) this.become(args[0] ? XOSC : RC);
    else if (command === 0x82) this.receive((args[0] << 16) | (args[1] << 8) | args[2]);
    else if (command === 0x83) this.transmit();
    else if (command === 0x8b) Object.assign(this, { sf: args[0], hz: BANDWIDTHS[args[1]] });
    else if (command === 0x8c) this.length = args[3];
    else if (command === 0x8f) this.base = args;
    else if (command === 0x0e) args.slice(1).forEach((byte, i) => (this.buffer[args[0] + i] = byte));
    else if (command === 0x0d) {
      args.slice(2).forEach((byte, i) => this.registers.set((args[0] << 8) + args[1] + i, byte));
    } else if (command === 0x08) this.mask = (args[2] << 8) | args[3];
    else if (command === 0x02) this.raise(0, (args[0] << 8) | args[1]);
    else if (command === 0xa0) this.symbols = args[0];
  }

  become(mode) {
    this.mode = mode;
    this.session++;
  }

  symbolNs() {
    return (2 ** this.sf * 1e9) / this.hz;
  }

  /** Preamble 8, explicit header, 4/5 (AN1200.13). */
  airNs(bytes, crc) {
    const slow = this.symbolNs() >= 16e6 ? 2 : 0;
    const bits = 8 * bytes - 4 * this.sf + 28 + (crc ? 16 : 0);
    const payload = Math.max(0, Math.ceil(bits / (4 * (this.sf - slow)))) * 5;
    return this.symbolNs() * (PREAMBLE + 4.25 + 8 + payload);
  }

  /** fn at that time, unless something else has begun by then. */
  later(ns, fn) {
    const { session } = this;
    this.chip.at(ns, () => session === this.session && fn());
  }

  transmit() {
    this.become(TX);
    const begin = this.chip.nanos + START_NS;
    const end = begin + this.airNs(this.length, true);
    const hex = this.buffer.subarray(this.base[0], this.base[0] + this.length).toString("hex");
    this.sent.push({ begin_ns: begin, end_ns: end, hex, sf: this.sf });
    if (this.next) this.down = { begin: end + this.next.after_us * 1e3, bytes: this.next.bytes };
    this.next = null;
    this.later(end, () => this.finish(TX_DONE));
  }

  receive(timeout) {
    this.become(RX);
    const open = this.chip.nanos + START_NS;
    const symbol = this.symbolNs();
    this.opened.push(open);
    const close = this.symbols ? open + this.symbols * symbol : Infinity;
    const locked = this.down && Math.max(open, this.down.begin) + LOCK * symbol;
    if (this.down && locked <= Math.min(close, this.down.begin + PREAMBLE * symbol)) {
      const { begin, bytes } = this.down;
      this.later(begin + this.airNs(bytes.length, false), () => {
        bytes.copy(this.buffer, this.base[1]);
        this.status = [bytes.length, this.base[1]];
        this.finish(RX_DONE);
      });
    } else if (timeout !== 0xffffff) {
      this.later(Math.min(close, open + timeout * 15625), () => this.finish(TIMEOUT));
    }
    this.down = null;
  }

  finish(flag) {
    this.become(RC);
    this.raise(flag, 0);
  }

  raise(set, clear) {
    this.irq = (this.irq & ~clear) | set;
    this.chip.pads.drive(this.dio1, this.irq & this.mask ? 1 : 0);
  }

  wait(ns) {
    this.chip.pads.drive(this.busy, 1);
    const until = this.chip.nanos + ns;
    this.until = until;
    this.chip.at(until, () => {
      if (this.until === until && !this.asleep) this.chip.pads.drive(this.busy, 0);
    });
  }
}
