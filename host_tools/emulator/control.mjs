// The emulator as a process: one JSON object a line on stdin, one answer a line on stdout.
//
//     {"do": "run", "ms": 100}  →  {"result": true, "ns": 250000000, "serial": "..."}
//
// What is in an answer beside the result: `ns`, the virtual time since power-on; `serial`, what
// the board wrote to its USB line since the last answer (latin-1); `ended`, the resets and power
// cuts since then. An order that fails is answered with {"error": "..."}.
// Time stands still between two orders. The orders are the methods of Orders. It ends when stdin
// does, also while a board runs by itself.
import readline from "node:readline";
import { Chip } from "./chip.mjs";
import { FreeRun } from "./free.mjs";
import { FILES_AT } from "./image.mjs";
import { makePart } from "./parts/index.mjs";
import { pwmOf } from "./pwm.mjs";

const BURST = 2_000_000; // instructions between two looks at what run_until waits for
const LOOK_NS = 1e6;
const LOOK_AT_PIN_NS = 0.1e6;

class Orders {
  constructor() {
    this.chip = null;
    this.serial = [];
    this.ended = [];
    this.edges = new Map(); // pin: [list, probe]
    this.heard = ["", ""]; // what the UARTs sent, as hex
    this.parts = new Map();
  }

  /** image, seed, files: base64 of the file system's content. */
  open({ image, seed, files }) {
    const chip = new Chip({ image, seed, files: files && Buffer.from(files, "base64") });
    this.chip = chip;
    chip.onSerial = (bytes) => this.heardSerial(bytes);
    chip.onReset = (cause) => this.ended.push(cause);
    chip.uartHooks = [0, 1].map((i) => (byte) => {
      this.heard[i] += byte.toString(16).padStart(2, "0");
    });
  }

  heardSerial(bytes) {
    this.serial.push(Buffer.from(bytes).toString("latin1"));
  }

  run({ ms }) {
    return this.chip.run(this.chip.nanos + ms * 1e6);
  }

  /** Until the board has written `text`, has said a pin is at `level`, or is reset; tells which. */
  run_until({ text, pin, level, reset, ms }) {
    const { chip } = this;
    const end = chip.nanos + ms * 1e6;
    let seen = text === undefined ? "" : this.serial.join("");
    let at = this.serial.length;
    const endings = this.ended.length;
    for (;;) {
      if (text !== undefined) {
        while (at < this.serial.length) seen += this.serial[at++];
        if (seen.includes(text)) return "text";
      }
      if (pin !== undefined && chip.level(pin) === level) return "pin";
      if (reset && this.ended.length > endings) return "reset";
      if (chip.nanos >= end) return null;
      const look = pin === undefined ? LOOK_NS : LOOK_AT_PIN_NS;
      chip.run(Math.min(end, chip.nanos + look), BURST);
    }
  }

  write({ text }) {
    this.chip.usb.write(Buffer.from(text, "latin1"));
  }

  connected() {
    return this.chip.usb.connected;
  }

  drive({ pin, level }) {
    this.chip.pads.drive(pin, level);
  }

  pull({ pin, to }) {
    this.chip.pads.pull(pin, to);
  }

  connect({ a, b }) {
    this.chip.pads.connect(a, b);
  }

  level({ pin }) {
    return this.chip.level(pin);
  }

  adc({ pin, mv }) {
    this.chip.adcMv[pin - 26] = mv;
  }

  /** [frequency in Hz, high part of the period 0 to 1], null: no PWM runs there. */
  pwm({ pin }) {
    return pwmOf(this.chip.rp, pin);
  }

  watch({ pin }) {
    const list = [];
    const probe = (level, ns) => list.push([level, Math.round(ns)]);
    this.chip.pads.probe(pin, probe);
    this.edges.set(pin, [list, probe]);
  }

  /** [[level, ns], ...] since watch() or the last edges(). */
  edges_of({ pin }) {
    return this.edges.get(pin)[0].splice(0);
  }

  unwatch({ pin }) {
    this.chip.pads.unprobe(pin, this.edges.get(pin)[1]);
    this.edges.delete(pin);
  }

  uart_send({ uart, hex, baud, parity, stop, bits }) {
    const far = { baud, parity, stop, bits };
    for (const name of Object.keys(far)) if (far[name] === undefined) delete far[name];
    this.chip.rp.uart[uart].feed(Buffer.from(hex, "hex"), far);
  }

  uart_heard({ uart }) {
    const heard = this.heard[uart];
    this.heard[uart] = "";
    return heard;
  }

  uart_lost({ uart }) {
    return this.chip.rp.uart[uart].lost;
  }

  power({ on }) {
    if (on) this.chip.powerOn();
    else this.chip.powerOff();
  }

  cut_after({ operations }) {
    this.chip.flash.cutAfter = operations;
  }

  /** A part on the pins: see parts/. */
  add_part({ name, kind, with: options }) {
    this.parts.set(name, makePart(kind, this.chip, options ?? {}));
  }

  /** Call a part's method. */
  part({ name, call, with: options }) {
    return this.parts.get(name)[call](options ?? {}) ?? null;
  }

  /** A part's property. */
  part_state({ name, what }) {
    return this.parts.get(name)[what] ?? null;
  }

  read_ram({ at, length }) {
    const start = at - 0x20000000;
    return Buffer.from(this.chip.rp.sram.slice(start, start + length)).toString("hex");
  }

  /** Let the board run by itself in real time, its USB line on a TCP port, which it gives. */
  go({ port = 0 }) {
    this.free = new FreeRun(this.chip);
    return new Promise((told) => this.free.start(port, told));
  }

  /** Time stands still again. */
  halt() {
    this.free.stop();
    this.chip.onSerial = (bytes) => this.heardSerial(bytes);
  }

  /** The file system's blocks, base64. */
  files() {
    return Buffer.from(this.chip.flash.bytes.subarray(FILES_AT)).toString("base64");
  }

  stats() {
    const { flash, instructions } = this.chip;
    const wear = flash.eraseCounts.reduce((most, count) => Math.max(most, count), 0);
    return { instructions, erases: flash.erases, programs: flash.programs, wear };
  }
}

const orders = new Orders();

async function answer(line) {
  const message = JSON.parse(line);
  let reply;
  try {
    reply = { result: (await orders[message.do](message)) ?? null };
  } catch (error) {
    reply = { error: error.stack };
  }
  reply.ns = Math.round(orders.chip?.nanos ?? 0);
  reply.serial = orders.serial.splice(0).join("");
  reply.ended = orders.ended.splice(0);
  process.stdout.write(JSON.stringify(reply) + "\n");
}

const lines = readline.createInterface({ input: process.stdin });
lines.on("line", answer).on("close", () => process.exit(0));
