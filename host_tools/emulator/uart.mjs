// The PL011 as the RP2040 has it: 32-byte FIFOs, paced by the baud rate in virtual time, with
// thresholds, receive timeout, overrun, break, and bits as they are on the wire, so that a far end
// that talks at another rate or with another parity is misunderstood as it would be.
// (rp2040js has no pace and raises its TX interrupt for ever.)
import { BasePeripheral } from "./rp2040js.mjs";

const DR = 0x00;
const FR = 0x18;
const IBRD = 0x24;
const FBRD = 0x28;
const LCR = 0x2c;
const CR = 0x30;
const IFLS = 0x34;
const IMSC = 0x38;
const RIS = 0x3c;
const MIS = 0x40;
const ICR = 0x44;
const DMACR = 0x48;

const INT_RX = 0x10;
const INT_TX = 0x20;
const INT_RX_TIMEOUT = 0x40;
const INT_FRAMING = 0x80;
const INT_PARITY = 0x100;
const INT_BREAK = 0x200;
const INT_OVERRUN = 0x400;
const FRAMING_ERROR = 0x100; // in DR beside the byte
const PARITY_ERROR = 0x200;
const BREAK_ERROR = 0x400;
const FIFO_DEPTH = 32;
const LEVELS = [4, 8, 16, 24, 28]; // by the fields of IFLS

const parityOf = (value) => {
  let ones = 0;
  for (let rest = value; rest; rest &= rest - 1) ones ^= 1;
  return ones;
};

/** The bits of a byte on the wire, start bit first. */
export function frameBits(value, { bits, parity, stop }) {
  const frame = [0];
  for (let i = 0; i < bits; i++) frame.push((value >> i) & 1);
  const even = parityOf(value & ((1 << bits) - 1));
  if (parity === "even") frame.push(even);
  if (parity === "odd") frame.push(even ^ 1);
  for (let i = 0; i < stop; i++) frame.push(1);
  return frame;
}

/** What a receiver of format `mine` makes of one frame of format `theirs`: byte and error bits. */
export function received(value, theirs, mine) {
  const frame = frameBits(value, theirs);
  const ratio = theirs.baud / mine.baud;
  const sample = (bit) => frame[Math.floor((bit + 0.5) * ratio)] ?? 1; // after it the line idles
  let byte = 0;
  for (let i = 0; i < mine.bits; i++) byte |= sample(1 + i) << i;
  let at = 1 + mine.bits;
  let errors = 0;
  if (mine.parity) {
    const expected = parityOf(byte) ^ (mine.parity === "odd" ? 1 : 0);
    if (sample(at++) !== expected) errors |= PARITY_ERROR;
  }
  if (sample(at) !== 1) errors |= byte ? FRAMING_ERROR : FRAMING_ERROR | BREAK_ERROR;
  return byte | errors;
}

export class Uart extends BasePeripheral {
  /** irq and dreq: as rp2040js numbers them. onByte(byte): a whole byte has left the TX pin. */
  constructor(rp, name, irq, dreq) {
    super(rp, name);
    Object.assign(this, { irq, dreq, onByte: null, lost: 0 });
    Object.assign(this, { cr: 0x300, lcr: 0, ibrd: 0, fbrd: 0, imsc: 0, ris: 0, ifls: 0x12 });
    this.dmacr = 0;
    this.rx = [];
    this.tx = [];
    this.wire = []; // frames on their way in: [byte, format]
    this.sending = null;
    this.txAlarm = rp.clock.createAlarm(() => this.sent());
    this.rxAlarm = rp.clock.createAlarm(() => this.arrived());
    this.timeoutAlarm = rp.clock.createAlarm(() => {
      if (this.rx.length) this.ris |= INT_RX_TIMEOUT;
      this.update();
    });
  }

  clkPeriChanged() {} // the rate is taken anew for every byte

  get baud() {
    return this.rp2040.clkPeri / (16 * (this.ibrd + this.fbrd / 64));
  }

  get format() {
    const parity = this.lcr & 2 ? (this.lcr & 4 ? "even" : "odd") : null;
    return {
      baud: this.baud,
      bits: 5 + ((this.lcr >> 5) & 3),
      parity,
      stop: this.lcr & 8 ? 2 : 1,
    };
  }

  get enabled() {
    return (this.cr & 0x201) === 0x201 && Number.isFinite(this.baud) && this.baud > 0;
  }

  frameNs(format) {
    return ((1 + format.bits + (format.parity ? 1 : 0) + format.stop) * 1e9) / format.baud;
  }

  /** The far end sends bytes, one after the other; what of baud, bits, parity, stop it leaves out
   *  is as this end has it. */
  feed(bytes, far = {}) {
    const idle = !this.wire.length;
    for (const byte of bytes) this.wire.push([byte, far]);
    if (idle && this.wire.length) this.nextArrival();
  }

  nextArrival() {
    const format = { ...this.format, ...this.wire[0][1] };
    // An end that is not set up hears nothing, but the bytes take their time all the same.
    this.rxAlarm.schedule(format.baud > 0 && isFinite(format.baud) ? this.frameNs(format) : 1e6);
  }

  arrived() {
    const [byte, far] = this.wire.shift();
    if (this.enabled) this.receive(received(byte, { ...this.format, ...far }, this.format));
    else this.lost++;
    if (this.wire.length) this.nextArrival();
  }

  receive(word) {
    if (this.rx.length >= (this.lcr & 0x10 ? FIFO_DEPTH : 1)) {
      this.lost++;
      this.ris |= INT_OVERRUN;
      this.update();
      return;
    }
    this.rx.push(word);
    if (word & FRAMING_ERROR) this.ris |= INT_FRAMING;
    if (word & PARITY_ERROR) this.ris |= INT_PARITY;
    if (word & BREAK_ERROR) this.ris |= INT_BREAK;
    if (this.rx.length >= this.rxLevel) this.ris |= INT_RX;
    this.timeoutAlarm.schedule((32 * 1e9) / this.baud);
    this.update();
  }

  get rxLevel() {
    return this.lcr & 0x10 ? (LEVELS[(this.ifls >> 3) & 7] ?? 16) : 1;
  }

  get txLevel() {
    return this.lcr & 0x10 ? (LEVELS[this.ifls & 7] ?? 16) : 0;
  }

  send() {
    if (this.sending !== null || !this.tx.length) return;
    this.sending = this.tx.shift();
    const ns = this.frameNs(this.format);
    this.txAlarm.schedule(Number.isFinite(ns) ? ns : 1e6);
    if (this.tx.length <= this.txLevel) this.ris |= INT_TX;
  }

  sent() {
    const byte = this.sending;
    this.sending = null;
    this.onByte?.(byte);
    this.send();
    this.update();
  }

  update() {
    this.rp2040.setInterrupt(this.irq, !!(this.ris & this.imsc));
    const { dma } = this.rp2040;
    if (!dma) return;
    const set = (ready, channel) => (ready ? dma.setDREQ(channel) : dma.clearDREQ(channel));
    set(this.cr & 1 && this.tx.length < FIFO_DEPTH, this.dreq.tx);
    set(this.rx.length, this.dreq.rx);
  }

  readUint32(offset) {
    switch (offset) {
      case DR: {
        const word = this.rx.shift() ?? 0;
        if (this.rx.length < this.rxLevel) this.ris &= ~INT_RX;
        if (!this.rx.length) this.ris &= ~INT_RX_TIMEOUT;
        this.update();
        return word;
      }
      case FR:
        return (
          (this.tx.length ? 0 : 0x80) |
          (this.rx.length >= FIFO_DEPTH ? 0x40 : 0) |
          (this.tx.length >= FIFO_DEPTH ? 0x20 : 0) |
          (this.rx.length ? 0 : 0x10) |
          (this.sending !== null || this.tx.length ? 8 : 0)
        );
      case IBRD:
        return this.ibrd;
      case FBRD:
        return this.fbrd;
      case LCR:
        return this.lcr;
      case CR:
        return this.cr;
      case IFLS:
        return this.ifls;
      case IMSC:
        return this.imsc;
      case RIS:
        return this.ris;
      case MIS:
        return this.ris & this.imsc;
      case DMACR:
        return this.dmacr;
    }
    if (offset >= 0xfe0) return [0x11, 0x10, 0x34, 0, 0x0d, 0xf0, 5, 0xb1][(offset - 0xfe0) >> 2];
    return 0;
  }

  writeUint32(offset, value) {
    switch (offset) {
      case DR:
        if (this.tx.length < FIFO_DEPTH) {
          this.tx.push(value & 0xff);
          if (this.tx.length > this.txLevel) this.ris &= ~INT_TX;
          this.send();
        }
        break;
      case IBRD:
        this.ibrd = value & 0xffff;
        break;
      case FBRD:
        this.fbrd = value & 0x3f;
        break;
      case LCR:
        this.lcr = value;
        break;
      case CR:
        this.cr = value;
        break;
      case IFLS:
        this.ifls = value;
        break;
      case IMSC:
        this.imsc = value & 0x7ff;
        break;
      case ICR:
        this.ris &= ~this.rawWriteValue;
        break;
      case DMACR:
        this.dmacr = value;
        break;
    }
    this.update();
  }
}
