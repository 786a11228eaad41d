const RESET_NS = 478e3; // 480 us, counted by a clock of whole microseconds
const ONE_NS = 15e3; // a write slot that is low for longer is a zero
const HOLD_NS = 30e3;
const CONVERSION_NS = 750e6;
const CONVERT = 0x44cc; // after skipping the ROM; low byte first
const READ = 0xbecc;
const POWER_ON = 0x0550;

const crc8 = (data) => {
  let crc = 0;
  for (const byte of data) {
    for (let i = 0; i < 8; i++) {
      const mixed = (crc ^ (byte >> i)) & 1;
      crc = (crc >> 1) ^ (mixed ? 0x8c : 0);
    }
  }
  return crc;
};

/** A DS18B20 alone on a 1-Wire bus with its resistor, in air of `celsius`. dead: it is not there. */
export class Ds18b20 {
  constructor(chip, { pin = 6, ...words }) {
    Object.assign(this, { chip, pin, celsius: 20, dead: false });
    Object.assign(this, { known: POWER_ON, bits: [], heard: null, pulling: false, conversions: 0 });
    this.set(words);
    chip.pads.pull(pin, 1);
    chip.pads.probe(pin, (level, ns) => this.edge(level === 0 ? 0 : 1, ns));
  }

  /** celsius, dead. */
  set(words) {
    Object.assign(this, words);
  }

  edge(level, ns) {
    if (this.dead || this.pulling) return;
    if (!level) {
      this.fellNs = ns;
      if (this.bits.length && !this.bits.shift()) this.pull(ns, HOLD_NS);
    } else if (this.fellNs !== undefined) {
      const lasted = ns - this.fellNs;
      this.fellNs = undefined;
      if (lasted >= RESET_NS) {
        this.heard = [];
        this.bits = [];
        this.chip.at(ns + HOLD_NS, () => this.pull(this.chip.nanos, 120e3));
      } else if (this.heard) {
        this.heard.push(lasted <= ONE_NS ? 1 : 0);
        if (this.heard.length === 16) this.obey(ns);
      }
    }
  }

  obey(ns) {
    const words = this.heard.reduce((sum, bit, i) => sum | (bit << i), 0);
    this.heard = null;
    if (words === CONVERT) {
      this.conversions++;
      const raw = Math.round(this.celsius * 16) & 0xffff;
      this.chip.at(ns + CONVERSION_NS, () => {
        this.known = raw;
      });
    } else if (words === READ) {
      const data = [this.known & 255, this.known >> 8, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10];
      data.push(crc8(data));
      this.bits = data.flatMap((byte) => [0, 1, 2, 3, 4, 5, 6, 7].map((i) => (byte >> i) & 1));
    }
  }

  pull(ns, forNs) {
    this.pulling = true;
    this.chip.pads.drive(this.pin, 0);
    this.chip.at(ns + forNs, () => {
      this.chip.pads.drive(this.pin, null);
      this.pulling = false;
      this.fellNs = undefined;
    });
  }
}
