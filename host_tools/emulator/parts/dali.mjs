const YES = 0xff;
const STOP_NS = 2.4e6;
const SETTLING_NS = 13.5e6;

/** A control gear (IEC 62386-102), without fades: what a street light asks and sets. */
class Gear {
  constructor(address) {
    Object.assign(this, { address, level: 254, lamp_failure: false, dead: false });
  }

  /** The answer to a 16-bit frame, or null. */
  forward(frame) {
    const address = frame >> 8;
    const data = frame & 0xff;
    if (this.dead || ((address | 1) !== 0xff && address >> 1 !== this.address)) return null;
    if (!(address & 1)) {
      if (data !== 0xff) this.level = data;
      return null;
    }
    const lit = this.level > 0 && !this.lamp_failure;
    if (data === 0x90) return (this.lamp_failure ? 2 : 0) | (lit ? 4 : 0);
    if (data === 0x91) return YES;
    if (data === 0x92) return this.lamp_failure ? YES : null;
    if (data === 0xa0) return this.lamp_failure && this.level ? 0xff : this.level;
    return null;
  }
}

/**
 * A DALI bus behind two optocouplers that invert, and one gear on it. tx_pin: what the board sends
 * on, high is low on the bus; rx_pin: what it hears on. address: the gear's, null: none.
 *
 * It reads what is sent by its edges, with the limits of IEC 62386-101 for a sender: half a bit of
 * 366.7 to 466.7 us, a whole one of 733.3 to 933.3, 13.5 ms from frame to frame. `faults` is what
 * was outside of them, `frames` what was read, `worst_ns` how far an edge was from its place.
 */
export class DaliBus {
  constructor(chip, { tx_pin = 16, rx_pin = 17, address = null }) {
    Object.assign(this, { chip, rx_pin, gear: new Gear(address) });
    Object.assign(this, { frames: [], faults: [], worst_ns: 0, held_low: false });
    Object.assign(this, { sent: 1, answered: 1, halves: null, edgeNs: -Infinity });
    this.after_ns = 8e6; // 5.5 to 10.5 ms
    this.half_ns = 416667;
    chip.pads.pull(rx_pin, 1);
    this.show();
    chip.pads.probe(tx_pin, (level, ns) => this.edge(level === 1 ? 0 : 1, ns));
  }

  get level() {
    return this.gear.level;
  }

  /** level, lamp_failure, dead: of the gear. */
  set(words) {
    Object.assign(this.gear, words);
  }

  /** A short circuit, or its end. */
  hold({ low }) {
    this.held_low = low;
    this.show();
  }

  show() {
    this.chip.pads.drive(this.rx_pin, this.held_low || !this.sent || !this.answered ? 1 : 0);
  }

  edge(level, ns) {
    if (level === this.sent) return;
    const lasted = ns - this.edgeNs;
    if (this.halves) this.take(lasted, this.sent, ns);
    else if (!level) {
      this.halves = [];
      this.beginNs = ns;
      if (lasted < SETTLING_NS) this.faults.push(["too soon", lasted]);
    }
    this.sent = level;
    this.edgeNs = ns;
    this.show();
    this.chip.at(ns + STOP_NS, () => {
      if (this.edgeNs === ns && this.halves) this.end();
    });
  }

  take(lasted, level, ns) {
    const half = 1e9 / 2400;
    const whole = (ns - this.beginNs) / half;
    this.worst_ns = Math.max(this.worst_ns, Math.abs(whole - Math.round(whole)) * half);
    if (lasted >= 366.7e3 && lasted <= 466.7e3) this.halves.push(level);
    else if (lasted >= 733.3e3 && lasted <= 933.3e3) this.halves.push(level, level);
    else this.faults.push(["length", lasted]);
  }

  end() {
    const halves = this.halves;
    this.halves = null;
    if (halves.length % 2) halves.push(1);
    let value = 0;
    let whole = halves.length === 34 && this.sent === 1 && halves[0] === 0;
    for (let i = 0; i < halves.length; i += 2) {
      whole &&= halves[i] !== halves[i + 1];
      value = ((value << 1) | halves[i + 1]) & 0xffff;
    }
    if (!whole) {
      this.faults.push(["no frame", halves.length]);
      return;
    }
    this.frames.push(value);
    const answer = this.held_low ? null : this.gear.forward(value);
    if (answer !== null) this.answer(answer);
  }

  answer(value) {
    let ns = this.chip.nanos - STOP_NS + this.after_ns;
    const pull = (level) => () => {
      this.answered = level;
      this.edgeNs = this.chip.nanos;
      this.show();
    };
    for (let place = 8; place >= 0; place--) {
      const bit = ((value | 0x100) >> place) & 1;
      for (const level of [1 - bit, bit]) {
        this.chip.at(ns, pull(level));
        ns += this.half_ns;
      }
    }
    this.chip.at(ns, pull(1));
  }
}
