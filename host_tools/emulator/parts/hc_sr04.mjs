import { random } from "../random.mjs";

const SHORTEST_TRIGGER_NS = 10e3;
const BURST_NS = 460e3; // from the trigger's end to ECHO's rise: eight periods of 40 kHz, and its own

/**
 * An ultrasonic ranger with an echo pulse: HC-SR04 or JSN-SR04T. ECHO is high for as long as sound
 * takes to something `distance_mm` away and back in air of `celsius`; for `give_up_ms` where that
 * is null, and no longer than that. dead: it does nothing. stuck: ECHO stays where it is.
 * noise_mm: each distance is off by up to that, by the chip's seed and the pin.
 *
 * `triggers`: how long each trigger was, in ns; shorter ones than 10 us do nothing. `echoes`: how
 * long each pulse was. A trigger while ECHO is high does nothing and is counted in `unheard`.
 */
export class HcSr04 {
  constructor(chip, { trigger_pin = 2, echo_pin = 3, ...words }) {
    Object.assign(this, { chip, echo_pin, triggers: [], echoes: [], unheard: 0 });
    Object.assign(this, { distance_mm: 2500, celsius: 20, give_up_ms: 38 });
    Object.assign(this, { noise_mm: 0, random: random(chip.seed * 31 + echo_pin) });
    Object.assign(this, { dead: false, stuck: false, high: false, busy: false });
    this.set(words);
    this.show();
    chip.pads.probe(trigger_pin, (level, ns) => this.edge(level, ns));
  }

  /** Any of distance_mm, noise_mm, celsius, give_up_ms, dead, stuck. */
  set(words) {
    Object.assign(this, words);
    this.show();
  }

  /** How long ECHO is to be high, in ns. */
  get echo_ns() {
    const give_up = this.give_up_ms * 1e6;
    if (this.distance_mm === null) return give_up;
    const speed = 331.3 * Math.sqrt(1 + this.celsius / 273.15);
    const mm = this.distance_mm + this.noise_mm * (2 * this.random() - 1);
    return Math.min(give_up, ((2 * mm) / speed) * 1e6);
  }

  edge(level, ns) {
    if (level === 1) this.roseNs = ns;
    if (level !== 0 || this.roseNs === undefined) return;
    const lasted = ns - this.roseNs;
    this.roseNs = undefined;
    this.triggers.push(Math.round(lasted));
    if (lasted < SHORTEST_TRIGGER_NS || this.dead || this.stuck) return;
    if (this.busy) {
      this.unheard++;
      return;
    }
    this.busy = true;
    const echo = this.echo_ns;
    this.chip.at(ns + BURST_NS, () => this.put(true));
    this.chip.at(ns + BURST_NS + echo, () => {
      this.echoes.push(Math.round(echo));
      this.busy = false;
      this.put(false);
    });
  }

  put(high) {
    if (this.stuck) return;
    this.high = high;
    this.show();
  }

  show() {
    if (!this.stuck) this.chip.pads.drive(this.echo_pin, this.high && !this.dead ? 1 : 0);
  }
}
