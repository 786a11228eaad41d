/**
 * A sensor that talks on its own: sends `hex` on a UART every `every_ms`. form: baud, parity, bits
 * and stop of its end, the board's where left out.
 */
export class Stream {
  constructor(chip, { uart, hex = "", every_ms = 100, form = {} }) {
    Object.assign(this, { chip, uart, every_ms, form, bytes: Buffer.from(hex, "hex"), sent: 0 });
    this.next(chip.nanos);
  }

  /** hex, every_ms: from the next one on. */
  set({ hex, every_ms = this.every_ms }) {
    this.every_ms = every_ms;
    if (hex !== undefined) this.bytes = Buffer.from(hex, "hex");
  }

  next(ns) {
    this.chip.at(ns + this.every_ms * 1e6, () => {
      if (this.chip.powered && this.bytes.length) {
        this.chip.rp.uart[this.uart].feed(this.bytes, this.form);
        this.sent++;
      }
      this.next(ns + this.every_ms * 1e6);
    });
  }
}
