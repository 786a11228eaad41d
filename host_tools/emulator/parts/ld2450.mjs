import { random } from "../random.mjs";

const FORM = { baud: 256000, bits: 8, parity: null, stop: 1 };
const REPORT_NS = 100e6;
const SLOTS = 3;
const RESOLUTION_MM = 320;
const FAR_MM = 6000;
const COMMAND = [0xfd, 0xfc, 0xfb, 0xfa];
const END = [0x04, 0x03, 0x02, 0x01];
const LONGEST = 64;

const word = (value) => [value & 0xff, value >> 8];
const signed = (value) => word(value > 0 ? value | 0x8000 : -value);

/**
 * LD2450, a radar that tells places, on a UART. People walk straight on and are told while they
 * are within 6 m and 60 degrees; places are off by up to noise_mm. It obeys and acknowledges
 * commands and is silent while it is configured. `heard`: the words of the commands. garbage: it
 * sends noise; dead: nothing.
 */
export class Ld2450 {
  constructor(chip, { uart = 1, noise_mm = 30, ...words }) {
    Object.assign(this, { chip, line: chip.rp.uart[uart], noise_mm, people: [], heard: [] });
    Object.assign(this, { random: random(chip.seed * 31 + uart), dead: false, garbage: false });
    Object.assign(this, { configuring: false, several: false, inbox: [], reports: 0 });
    this.set(words);
    this.line.onByte = (byte) => this.hear(byte);
    this.next(chip.nanos + REPORT_NS);
  }

  /** Any of noise_mm, dead, garbage. */
  set(words) {
    Object.assign(this, words);
  }

  /** Somebody is at x_mm, y_mm and walks; gives nothing. */
  walk({ x_mm, y_mm, vx_mm_s = 0, vy_mm_s = 0 }) {
    this.people.push({ x_mm, y_mm, vx_mm_s, vy_mm_s, ns: this.chip.nanos });
  }

  /** Nobody is there any more. */
  clear() {
    this.people = [];
  }

  next(ns) {
    this.chip.at(ns, () => {
      if (this.chip.powered && !this.dead) this.tell(ns);
      this.next(ns + REPORT_NS);
    });
  }

  tell(ns) {
    if (this.garbage) {
      this.send(Array.from({ length: 60 }, () => Math.floor(this.random() * 256)));
    } else if (!this.configuring) {
      this.reports++;
      this.send(this.report(ns));
    }
  }

  report(ns) {
    const seen = this.people.map((one) => this.seen(one, ns)).filter(Boolean);
    const told = seen.slice(0, this.several ? SLOTS : 1).flat();
    const body = told.concat(new Array(SLOTS * 8 - told.length).fill(0));
    return [0xaa, 0xff, 0x03, 0x00, ...body, 0x55, 0xcc];
  }

  /** The 8 bytes of somebody, null where it can't see him. */
  seen({ x_mm, y_mm, vx_mm_s, vy_mm_s, ns: since }, ns) {
    const seconds = (ns - since) / 1e9;
    const off = () => (2 * this.random() - 1) * this.noise_mm;
    const x = Math.round(x_mm + vx_mm_s * seconds + off());
    const y = Math.round(y_mm + vy_mm_s * seconds + off());
    const away = Math.hypot(x, y);
    if (y < 1 || away > FAR_MM || Math.abs(x) > 1.7 * y) return null;
    const speed = Math.trunc((x * vx_mm_s + y * vy_mm_s) / away / 10);
    return [...signed(x), ...signed(y), ...signed(speed), ...word(RESOLUTION_MM)];
  }

  hear(byte) {
    this.inbox = [...this.inbox, byte].slice(-LONGEST);
    const size = this.inbox.length;
    if (!END.every((end, i) => this.inbox[size - END.length + i] === end)) return;
    const at = this.inbox.findIndex((_, i) => COMMAND.every((b, k) => this.inbox[i + k] === b));
    if (at < 0) return;
    const code = this.inbox[at + 6];
    this.inbox = [];
    if (!this.dead) this.obey(code);
  }

  obey(code) {
    this.heard.push(code);
    if (code === 0xff) this.configuring = true;
    else if (!this.configuring) return;
    if (code === 0xfe) this.configuring = false;
    if (code === 0x90) this.several = true;
    const more = code === 0xff ? [1, 0, 0x40, 0] : [];
    this.send([...COMMAND, 4 + more.length, 0, code, 1, 0, 0, ...more, ...END]);
  }

  send(bytes) {
    this.line.feed(bytes, FORM);
  }
}
