// What is outside each pin: a driver, a resistor, another pin. rp2040js keeps an input value that
// nobody sets; here it follows from what the chip and the world do, also for a pin's own output.
import { GPIOPinState } from "./rp2040js.mjs";

const LOW = GPIOPinState.Low;
const HIGH = GPIOPinState.High;

export class Pads {
  /** clock(): virtual nanoseconds since power-on, for the probes. */
  constructor(count, clock) {
    this.clock = clock;
    this.onLook = () => {}; // (pin, whether somebody looks at it from now on)
    this.pads = Array.from({ length: count }, () => ({
      driven: null, // by the world: 0, 1 or null
      pull: null, // a resistor outside: 0, 1 or null
      wired: [], // other pins on the same wire
      probes: [], // fn(level, nanoseconds); level null: nobody drives it
      level: null,
    }));
  }

  /** Take over a freshly booted chip's pins. */
  attach(rp) {
    this.gpio = rp.gpio;
    rp.gpio.forEach((pin, number) => {
      pin.addListener(() => this.settle(number));
      this.pads[number].level = null;
    });
    this.pads.forEach((_, number) => {
      this.settle(number);
      if (this.isLookedAt(number)) this.look(number);
    });
  }

  drive(number, level) {
    this.pads[number].driven = level;
    this.settle(number);
  }

  pull(number, level) {
    this.pads[number].pull = level;
    this.settle(number);
  }

  connect(a, b) {
    this.pads[a].wired.push(b);
    this.pads[b].wired.push(a);
    this.look(a);
    this.look(b);
    this.settle(a);
  }

  probe(number, fn) {
    // First: what begins to be worked out now is no edge.
    if (this.gpio) this.onLook(number, true);
    this.pads[number].probes.push(fn);
  }

  /** Whether anything outside depends on each edge of this pin. */
  isLookedAt(number) {
    const { probes, wired } = this.pads[number];
    return probes.length > 0 || wired.length > 0;
  }

  look(number) {
    if (this.gpio) this.onLook(number, this.isLookedAt(number));
  }

  unprobe(number, fn) {
    const pad = this.pads[number];
    pad.probes = pad.probes.filter((other) => other !== fn);
    this.look(number);
  }

  /** What a pin's own output stage says: 0, 1 or null. */
  output(number) {
    const { value } = this.gpio[number];
    return value === HIGH ? 1 : value === LOW ? 0 : null;
  }

  /** 0, 1, or null while nobody drives it: a low driver wins, as an open drain's does. */
  levelOf(number) {
    let level = null;
    for (const pin of [number, ...this.pads[number].wired]) {
      for (const source of [this.output(pin), this.pads[pin].driven]) {
        if (source === 0) return 0;
        if (source === 1) level = 1;
      }
    }
    return level;
  }

  resistor(number) {
    const { pull } = this.pads[number];
    if (pull !== null) return pull;
    return this.gpio[number].value === GPIOPinState.InputPullUp ? 1 : 0;
  }

  settle(number) {
    if (!this.gpio) return;
    for (const pin of [number, ...this.pads[number].wired]) {
      const pad = this.pads[pin];
      const level = this.levelOf(pin);
      this.gpio[pin].setInputValue(!!(level ?? this.resistor(pin)));
      if (level === pad.level) continue;
      pad.level = level;
      const now = this.clock();
      for (const probe of pad.probes) probe(level, now);
    }
  }
}
