// The emulated board as a process of the street: it speaks the lines of boards/host/README.md with
// the world at KERB_WORLD, in real time, and ends as a board's process ends. Environment:
// KERB_IMAGE the UF2, KERB_FLASH the file that keeps the flash's file system, KERB_RESET_CAUSE,
// KERB_SEED (1 if not given). Beside KERB_FLASH is the chip's own number and how often it started,
// in <KERB_FLASH>.json: over resets the number stays and chance goes on.
import fs from "node:fs";
import net from "node:net";
import { Chip } from "./chip.mjs";
import { FLASH_BYTES } from "./image.mjs";
import { attach } from "./net/index.mjs";
import { bridge } from "./net/bridge.mjs";
import { pwmOf } from "./pwm.mjs";

const HARD_RESET = 44;
const GONE = 43;
const QUIET_MS = 100; // without a line for so long, all that was so at power-on is said
const SLICE_NS = 2e6;
const FALL_BACK_MS = 200;
const TIMEOUT_SHARE = 2000; // the watchdog counts twice a microsecond: erratum RP2040-E1
const WATCHDOG = { ctrl: 0x00, load: 0x04, enable: 1 << 30 };
const SCRATCH0 = 0x0c;
const SCRATCHES = 4; // the upper four are the boot ROM's
const RTC_CTRL = 0x0c;
const RTC_LOAD = 0x10;
const DAY_MS = 86400000;
const BOARD_PINS = [...Array(23).keys(), 25]; // GP23, GP24 and GP29 are the Pico's own

class Street {
  constructor(chip, socket) {
    Object.assign(this, { chip, socket, pwms: new Map(), load: 0, linked: false, written: 0 });
    this.net = attach(chip, { uart: 0 });
    bridge(this.net.network);
    this.net.network.dropping = true;
    chip.onReset = (cause) => this.end(cause === "watchdog" ? "watchdog" : "hard");
    chip.onSerial = (bytes) => process.stdout.write(Buffer.from(bytes));
    chip.uartHooks[1] = (byte) => this.say({ uart: 1, hex: byte.toString(16).padStart(2, "0") });
    for (const pin of BOARD_PINS) chip.pads.probe(pin, (level) => this.pin(pin, level));
    this.hookWatchdog();
    this.hookRtc();
  }

  say(message) {
    this.socket.write(JSON.stringify(message) + "\n");
  }

  pin(pin, level) {
    if (!this.going || pwmOf(this.chip.rp, pin)) return;
    this.say({ pin, level });
  }

  /** The world enforces the watchdog, by its own clock; here it never bites. */
  hookWatchdog() {
    const watchdog = this.chip.rp.peripherals[0x40058];
    const write = watchdog.writeUint32.bind(watchdog);
    watchdog.writeUint32 = (offset, value) => {
      write(offset, value);
      if (offset === WATCHDOG.load) {
        this.load = value;
        this.say({ wdt: "feed" });
      } else if (offset === WATCHDOG.ctrl && value & WATCHDOG.enable) {
        this.say({ wdt: "start", timeout_ms: Math.round(this.load / TIMEOUT_SHARE) });
      } else if (offset >= SCRATCH0 && offset < SCRATCH0 + 4 * SCRATCHES) {
        this.say({ scratch: (offset - SCRATCH0) >> 2, value: value >>> 0 });
      }
      watchdog.alarm.enable = false;
    };
  }

  hookRtc() {
    const rtc = this.chip.rp.peripherals[0x4005c];
    const write = rtc.writeUint32.bind(rtc);
    let first = true; // MicroPython's own, to 2021, at each start
    rtc.writeUint32 = (offset, value) => {
      const load = offset === RTC_CTRL && rtc.ctrl & RTC_LOAD;
      write(offset, value);
      if (!load || rtc.ctrl & RTC_LOAD) return;
      if (!first) {
        const b = rtc.baseline;
        const day = Math.round((Date.UTC(b.getFullYear(), b.getMonth(), b.getDate()) - Date.UTC(2000, 0, 1)) / DAY_MS);
        this.say({ rtc: [day, b.getHours() * 3600 + b.getMinutes() * 60 + b.getSeconds()] });
      }
      first = false;
    };
  }

  take(message) {
    const { chip } = this;
    if ("drive" in message) chip.pads.drive(message.drive, message.level);
    else if ("play" in message) this.play(message);
    else if ("pull" in message) {
      chip.pads.pull(message.pull, { up: 1, down: 0 }[message.to] ?? null);
    } else if ("adc" in message) chip.adcMv[message.adc - 26] = message.mv;
    else if ("uart" in message) this.uart(message);
    else if ("scratch" in message) {
      chip.rp.peripherals[0x40058].scratchData[message.scratch] = message.value;
    } else if ("network" in message) this.net.network.dropping = !message.network;
    else if (message.power === "off") this.end("power");
    else if ("go" in message) this.go();
  }

  /** The levels are as long as they should be; when they begin, the socket has a part in. */
  play({ play, level, us, after_us = 0 }) {
    const { chip } = this;
    let at = chip.nanos + after_us * 1e3;
    for (const time of us) {
      const now = level;
      chip.at(at, () => chip.pads.drive(play, now));
      at += time * 1e3;
      level = 1 - level;
    }
    chip.at(at, () => chip.pads.drive(play, null));
  }

  uart({ uart, hex, baud, parity }) {
    const far = {};
    if (baud) far.baud = baud;
    if (parity !== undefined) far.parity = parity === null ? null : parity ? "odd" : "even";
    this.chip.rp.uart[uart].feed(Buffer.from(hex, "hex"), far);
  }

  go() {
    if (this.going) return;
    this.going = true;
    this.since();
    this.loop();
  }

  since() {
    this.realStart = performance.now();
    this.virtualStart = this.chip.nanos;
  }

  loop() {
    const real = performance.now() - this.realStart;
    const ahead = (this.chip.nanos - this.virtualStart) / 1e6 - real;
    if (ahead > 1) {
      setTimeout(() => this.loop(), Math.min(ahead, 10));
      return;
    }
    if (ahead < -FALL_BACK_MS) this.since();
    this.chip.run(this.chip.nanos + SLICE_NS);
    if (!this.ended) {
      this.tellPwm();
      this.tellLink();
      setImmediate(() => this.loop());
    }
  }

  tellPwm() {
    for (const pin of BOARD_PINS) {
      const pwm = pwmOf(this.chip.rp, pin);
      const told = pwm && pwm.join();
      if (told === (this.pwms.get(pin) ?? null)) continue;
      this.pwms.set(pin, told);
      const [freq, high] = pwm ?? [0, this.chip.level(pin) ?? 0];
      this.say({ pwm: pin, freq_hz: Math.round(freq), duty_u16: Math.round(high * 65535) });
    }
  }

  tellLink() {
    const { up } = this.net.ppp;
    if (up !== this.linked) this.say({ wlan: up });
    this.linked = up;
  }

  /** Put the flash onto the disk, if anything was written to it. */
  keep() {
    const { KERB_FLASH, KERB_FLASH_BYTES } = process.env;
    const written = this.chip.flash.erases + this.chip.flash.programs;
    if (written === this.written) return;
    this.written = written;
    const start = FLASH_BYTES - Number(KERB_FLASH_BYTES);
    fs.writeFileSync(KERB_FLASH + ".new", this.chip.flash.bytes.subarray(start), { mode: 0o600 });
    fs.renameSync(KERB_FLASH + ".new", KERB_FLASH);
  }

  end(how) {
    if (this.ended) return;
    this.ended = true;
    this.keep();
    if (how !== "power") this.say({ reset: "hard", sleep_ms: null });
    this.socket.end(() => process.exit(how === "power" ? GONE : HARD_RESET));
  }
}

const [host, port] = process.env.KERB_WORLD.split(":");
const cause = process.env.KERB_RESET_CAUSE ?? "power_on";
const files = fs.readFileSync(process.env.KERB_FLASH);
const ofChip = process.env.KERB_FLASH + ".json";
const before = fs.existsSync(ofChip) ? JSON.parse(fs.readFileSync(ofChip)) : { starts: 0 };
const seed = Number(process.env.KERB_SEED ?? 1) + before.starts;
const chip = new Chip({ image: process.env.KERB_IMAGE, files, seed });
if (before.id) chip.flash.uniqueId = Buffer.from(before.id, "hex");
if (cause !== "power_on") {
  // The chip starts as after this reset: its cause, and the scratch registers told by the world.
  chip.boot(cause === "watchdog" ? 1 : 2, null);
}
const socket = net.connect(Number(port), host);
const street = new Street(chip, socket);
const id = Buffer.from(chip.flash.uniqueId).toString("hex");
fs.writeFileSync(ofChip + ".new", JSON.stringify({ id, starts: before.starts + 1 }));
fs.renameSync(ofChip + ".new", ofChip);
street.say({ hello: "kerb", cause, id, runtime: "micropython" });
let left = "";
let quiet = setTimeout(() => street.go(), QUIET_MS);
socket.on("data", (data) => {
  const lines = (left + data).split("\n");
  left = lines.pop();
  for (const line of lines) street.take(JSON.parse(line));
  if (street.going) return;
  clearTimeout(quiet);
  quiet = setTimeout(() => street.go(), QUIET_MS);
});
socket.on("error", () => process.exit(GONE));
socket.on("close", () => process.exit(GONE));
// The street kills: what is on the flash then has to be on the disk already.
setInterval(() => street.going && street.keep(), 1000);
