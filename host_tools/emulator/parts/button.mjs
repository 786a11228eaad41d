const BOUNCES = 6;

/** A push button to ground that bounces for bounce_ms when it is pressed and let go. */
export class Button {
  constructor(chip, { pin, bounce_ms = 5 }) {
    Object.assign(this, { chip, pin, bounce_ms });
  }

  /** Press it for that long. */
  press({ ms = 200 }) {
    const begin = this.chip.nanos;
    this.bounce(begin, 0);
    this.bounce(begin + ms * 1e6, null);
  }

  bounce(ns, end) {
    const other = end === null ? 0 : null;
    const times = Array.from({ length: BOUNCES }, () => this.chip.random() * this.bounce_ms * 1e6);
    times.sort((a, b) => a - b);
    times.forEach((after, i) => {
      this.chip.at(ns + after, () => this.chip.pads.drive(this.pin, i % 2 ? other : end));
    });
    this.chip.at(ns + this.bounce_ms * 1e6, () => this.chip.pads.drive(this.pin, end));
  }
}
