// The flash chip (JEDEC NOR, as the Pico's W25Q16JV) and the SSI in front of it.
//
// The boot ROM's flash routines talk to it a byte at a time with the chip select forced by
// IO_QSPI's output override. Erasing takes the chip's typical time, in which it answers "busy".
// A power cut can be ordered in the middle of an operation: the bytes of that page or sector are
// then partly old, partly new, as the datasheet leaves it open.
import { BasePeripheral } from "./rp2040js.mjs";

const WRITE_ENABLE = 0x06;
const WRITE_DISABLE = 0x04;
const READ_STATUS = 0x05;
const READ_STATUS_2 = 0x35;
const READ_ID = 0x9f;
const READ_UNIQUE_ID = 0x4b;
const READ_DATA = 0x03;
const PAGE_PROGRAM = 0x02;
const ERASES = { 0x20: [4096, 45e6], 0x52: [32768, 120e6], 0xd8: [65536, 150e6] }; // bytes, ns
const PROGRAM_NS = 0.4e6;
const BUSY = 1;
const WRITE_ENABLED = 2;
const QUAD_ENABLED = 2; // in status register 2
const POLL_NS = 20e3; // one "busy" answer: the wait passes in steps of it

const RX_LEVEL = 0x24;
const SR = 0x28;
const SSIENR = 0x08;
const DATA = 0x60;
const SR_READY = 0x2 | 0x4; // TX FIFO not full, empty
const SR_RX_NOT_EMPTY = 0x8;

/** The power went in the middle of a flash operation. */
export class PowerCut extends Error {}

/** What outlives every reset and power cut: the bytes, the wear, and the cut that was ordered. */
export class FlashChip {
  constructor(bytes, random) {
    this.bytes = bytes;
    this.random = random;
    this.uniqueId = Uint8Array.from({ length: 8 }, () => random() * 256);
    this.erases = 0;
    this.programs = 0;
    this.eraseCounts = new Uint32Array(bytes.length / 4096);
    this.cutAfter = null; // operations that still succeed, null: all
  }

  /** Do `whole` to the range, or a part of it and PowerCut when the power was to go here. */
  operate(at, length, whole) {
    if (this.cutAfter === null || this.cutAfter-- > 0) {
      whole(at, at + length);
      return;
    }
    this.cutAfter = null;
    whole(at, at + Math.floor(this.random() * length));
    throw new PowerCut("the power went in a flash operation");
  }

  erase(at, length) {
    this.operate(at, length, (from, to) => this.bytes.fill(0xff, from, to));
    this.erases++;
    for (let sector = at; sector < at + length; sector += 4096) this.eraseCounts[sector / 4096]++;
  }

  program(at, data) {
    const page = at & ~0xff;
    this.operate(0, data.length, (from, to) => {
      // Past the end of its page a write goes on at the page's start.
      for (let i = from; i < to; i++) this.bytes[page | ((at + i) & 0xff)] &= data[i];
    });
    this.programs++;
  }
}

/** The SSI. `wait(ns)` makes the processor's clock go on: what a busy answer costs. */
export class FlashSSI extends BasePeripheral {
  constructor(rp, chip, wait) {
    super(rp, "SSI");
    Object.assign(this, { chip, wait, registers: new Map(), answers: [], sent: [] });
    this.select = "auto";
    this.writeEnabled = false;
    this.busyUntil = 0;
  }

  /** Chip select as IO_QSPI's output override forces it: 2 low, 3 high, else by the SSI. */
  override(value) {
    const select = value === 2 ? "low" : value === 3 ? "high" : "auto";
    if (select === this.select) return;
    if (this.select === "low") this.finish();
    this.select = select;
    this.sent = [];
    this.answers = [];
  }

  get address() {
    return (this.sent[1] << 16) | (this.sent[2] << 8) | this.sent[3];
  }

  /** One byte out to the chip, one byte back. */
  shift(byte) {
    if (this.select === "high") return 0xff;
    if (this.select === "auto" && this.answers.length === 0) this.finish();
    this.sent.push(byte);
    const position = this.sent.length - 1;
    const command = this.sent[0];
    if (position === 0) {
      if (command === WRITE_ENABLE) this.writeEnabled = true;
      if (command === WRITE_DISABLE) this.writeEnabled = false;
      return 0xff;
    }
    switch (command) {
      case READ_STATUS:
        return this.status();
      case READ_STATUS_2:
        return QUAD_ENABLED;
      case READ_ID:
        return [0xef, 0x40, 0x15][position - 1] ?? 0;
      case READ_UNIQUE_ID:
        return position > 4 ? this.chip.uniqueId[(position - 5) & 7] : 0xff;
      case READ_DATA:
        return position < 4 ? 0xff : this.chip.bytes[(this.address + position - 4) & 0x1fffff];
    }
    return 0xff;
  }

  status() {
    const left = this.busyUntil - this.rp2040.clock.nanos;
    if (left > 0) {
      this.wait(Math.min(left, POLL_NS));
      return BUSY | WRITE_ENABLED;
    }
    return this.writeEnabled ? WRITE_ENABLED : 0;
  }

  /** The chip is deselected: an erase or a program that was sent begins now. */
  finish() {
    const { sent } = this;
    this.sent = [];
    if (!sent.length || !this.writeEnabled) return;
    const at = ((sent[1] << 16) | (sent[2] << 8) | sent[3]) & 0x1fffff;
    let lasts = 0;
    if (sent[0] in ERASES && sent.length >= 4) {
      const [length, ns] = ERASES[sent[0]];
      this.chip.erase(at & ~(length - 1), length);
      lasts = ns;
    } else if (sent[0] === PAGE_PROGRAM && sent.length > 4) {
      this.chip.program(at, sent.slice(4));
      lasts = PROGRAM_NS;
    } else {
      return;
    }
    this.writeEnabled = false;
    this.busyUntil = this.rp2040.clock.nanos + lasts;
  }

  readUint32(offset) {
    switch (offset) {
      case 0x20:
        return 0; // nothing waits to be sent
      case RX_LEVEL:
        return this.answers.length;
      case SR:
        return SR_READY | (this.answers.length ? SR_RX_NOT_EMPTY : 0);
      case 0x58:
        return 0x51535049; // IDR
      case 0x5c:
        return 0x3430312a; // VERSION
      case DATA:
        return this.answers.shift() ?? 0;
    }
    return this.registers.get(offset) ?? 0;
  }

  writeUint32(offset, value) {
    if (offset === DATA) {
      this.answers.push(this.shift(value & 0xff));
      return;
    }
    if (offset === SSIENR && !(value & 1)) {
      if (this.select === "auto") this.finish();
      this.answers = [];
    }
    this.registers.set(offset, value);
  }
}

/** IO_QSPI: six pins' control registers, of which one forces the chip select. */
export class QspiIO extends BasePeripheral {
  constructor(rp, ssi) {
    super(rp, "IO_QSPI");
    this.control = new Uint32Array(6).fill(0x1f);
    this.ssi = ssi;
  }

  readUint32(offset) {
    return offset < 0x30 && offset & 4 ? this.control[offset >> 3] : 0;
  }

  writeUint32(offset, value) {
    if (offset >= 0x30 || !(offset & 4)) return;
    this.control[offset >> 3] = value;
    if (offset >> 3 === 1) this.ssi.override((value >> 8) & 3);
  }
}
