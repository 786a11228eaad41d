const CLOCKS = 0x40008;
const SLEEP_EN1 = 0xac; // which clocks go on while the processor sleeps
const ALL = 0xffffffff;

/**
 * A clock that counts how long the chip was in light sleep. usb: false pulls the cable, for good: a
 * board that sees a computer may not want to sleep.
 *
 * `asleep_ns`, `sleeps`: how long, and how often, since the power came or clear().
 */
export class Sleep {
  constructor(chip, { usb = true } = {}) {
    Object.assign(this, { chip, usb });
    this.clear();
    const pass = chip.pass.bind(chip);
    chip.pass = (ns) => {
      if (this.light && chip.rp.core.waiting) {
        this.asleep_ns += ns;
        this.sleeps += !this.was;
        this.was = true;
      } else {
        this.was = false;
      }
      pass(ns);
    };
    this.attach();
    chip.parts.push(() => this.attach());
  }

  clear() {
    Object.assign(this, { asleep_ns: 0, sleeps: 0 });
  }

  attach() {
    const { rp } = this.chip;
    const clocks = rp.peripherals[CLOCKS];
    const write = clocks.writeUint32.bind(clocks);
    this.light = false;
    clocks.writeUint32 = (offset, value) => {
      if (offset === SLEEP_EN1) this.light = value >>> 0 !== ALL;
      write(offset, value);
    };
    if (!this.usb) rp.usbCtrl.onUSBEnabled = () => {};
  }
}
