const TRIGGER_NS = 10e3; // the shortest that starts a measurement
const BURST_NS = 460e3; // from the trigger's end to the echo's rise: eight cycles of 40 kHz, and more
const NO_ECHO_NS = 38e6;
const FARTHEST_MM = 4000;

/**
 * An HC-SR04: a trigger pulse of 10 us is answered by an echo pulse as long as sound takes there
 * and back. trigger_pin, echo_pin; distance_mm: null for nothing in front; celsius: of the air.
 */
export class Sonar {
  constructor(chip, { trigger_pin, echo_pin, distance_mm = null, celsius = 20 }) {
    Object.assign(this, { chip, echo_pin, distance_mm, celsius, busy: false, dead: false });
    this.measured = 0;
    let rose = null;
    chip.pads.drive(echo_pin, 0);
    chip.pads.probe(trigger_pin, (level, ns) => {
      if (level === 1) rose = ns;
      else if (rose !== null && ns - rose >= TRIGGER_NS) this.measure(ns);
    });
  }

  /** distance_mm, celsius, dead. */
  set(words) {
    Object.assign(this, words);
  }

  /** How long its echo pulse is. */
  get echo_ns() {
    if (this.distance_mm === null || this.distance_mm > FARTHEST_MM) return NO_ECHO_NS;
    const metresPerSecond = 331.3 * Math.sqrt(1 + this.celsius / 273.15);
    return ((2 * this.distance_mm) / 1000 / metresPerSecond) * 1e9;
  }

  measure(ns) {
    if (this.busy || this.dead) return;
    this.busy = true;
    this.measured++;
    const rise = ns + BURST_NS;
    this.chip.at(rise, () => this.chip.pads.drive(this.echo_pin, 1));
    this.chip.at(rise + this.echo_ns, () => {
      this.chip.pads.drive(this.echo_pin, 0);
      this.busy = false;
    });
  }
}
