const SECOND_NS = 1e9;
const MS_A_DAY = 86400000;
// To the first fix after a start, with sky: data sheets' typical seconds.
const FIRST_FIX_S = { hot: 2, warm: 26, cold: 45 };
const UBX = [0xb5, 0x62];
const PMREQ = 0x0241;
const CFG_RST = 0x0604;
const LONGEST = 120;
const STARTS = ["hot", "warm", "cold"];

const two = (value) => String(value).padStart(2, "0");

/** `$body*sum` and the end of the line. */
export function sentence(body) {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum ^= body.charCodeAt(i);
  return `$${body}*${sum.toString(16).toUpperCase().padStart(2, "0")}\r\n`;
}

function angle(e7, digits, letters) {
  const minutes = Math.abs(e7) * 60;
  const degrees = Math.floor(minutes / 6e8);
  const rest = ((minutes - degrees * 6e8) / 1e7).toFixed(5).padStart(8, "0");
  return `${String(degrees).padStart(digits, "0")}${rest},${letters[e7 < 0 ? 1 : 0]}`;
}

/**
 * A satellite receiver on a UART: RMC, GGA and GSA each second, at its own rate. With sky it has a
 * fix 2 s after a hot start, 26 s after a warm, 45 s after a cold one. It obeys UBX's RXM-PMREQ and
 * CFG-RST, PCAS10 and PCAS12, PMTK101 to 103 and PMTK161, if they come at its rate; asleep, any
 * byte wakes it. begins: which start it has at power-on. heard: how many bytes came at its rate;
 * starts: those it was told. repeats: it says its last burst over and over; dead: it says nothing;
 * cut: it loses so many bytes in the middle of each burst; sleepless: it does not sleep.
 */
export class Gnss {
  constructor(chip, { uart = 1, baud = 9600, begins = "hot", utc_ms = 1779926400000, ...words }) {
    Object.assign(this, { chip, line: chip.rp.uart[uart], baud, utc_ms, lat_e7: 351802057 });
    Object.assign(this, { lon_e7: 1290802057, north_mm_s: 0, satellites: 8, hdop: 1.1, sky: true });
    Object.assign(this, { dead: false, repeats: false, sleepless: false, cut: 0, asleep: false });
    Object.assign(this, { heard: 0, starts: [], bursts: 0, awake_s: 0, inbox: [], last: "" });
    Object.assign(this, { wakes_ns: null });
    this.begin(begins);
    this.set(words);
    this.line.onByte = (byte) => this.hear(byte);
    this.next(chip.nanos + SECOND_NS);
  }

  /** Any of baud, lat_e7, lon_e7, north_mm_s, satellites, hdop, sky, dead, repeats, sleepless, cut. */
  set(words) {
    Object.assign(this, words);
  }

  begin(how) {
    this.wait_s = FIRST_FIX_S[how];
  }

  next(ns) {
    this.chip.at(ns, () => {
      if (this.wakes_ns !== null && ns >= this.wakes_ns) this.wake();
      if (this.chip.powered && !this.asleep) this.pass(ns);
      this.next(ns + SECOND_NS);
    });
  }

  pass(ns) {
    this.awake_s++;
    this.lat_e7 += this.north_mm_s / 11.132;
    if (!this.sky) this.wait_s = Math.max(this.wait_s, 2);
    else if (this.wait_s > 0) this.wait_s--;
    if (this.dead) return;
    if (!this.repeats || !this.last) this.last = this.burst(ns);
    let said = this.last;
    if (this.cut) {
      const half = said.length >> 1;
      said = said.slice(0, half) + said.slice(half + this.cut);
    }
    this.bursts++;
    this.line.feed(Buffer.from(said), { baud: this.baud, bits: 8, parity: null, stop: 1 });
  }

  burst(ns) {
    const now = new Date(this.utc_ms + Math.floor(ns / SECOND_NS) * 1000);
    const clock = `${two(now.getUTCHours())}${two(now.getUTCMinutes())}${two(now.getUTCSeconds())}.000`;
    const date = `${two(now.getUTCDate())}${two(now.getUTCMonth() + 1)}${two(now.getUTCFullYear() % 100)}`;
    if (this.wait_s > 0) {
      const none = sentence(`GNRMC,${clock},V,,,,,,,${date},,,N`);
      return none + sentence(`GNGGA,${clock},,,,,0,00,99.9,,,,,,`) + sentence(`GNGSA,A,1${",".repeat(13)}99.9,99.9,99.9`);
    }
    const lat = Math.round(this.lat_e7);
    const here = `${angle(lat, 2, "NS")},${angle(this.lon_e7, 3, "EW")}`;
    const knots = (Math.abs(this.north_mm_s) / 514.444).toFixed(2);
    const course = this.north_mm_s < 0 ? "180.00" : "0.00";
    return (
      sentence(`GNRMC,${clock},A,${here},${knots},${course},${date},,,A`) +
      sentence(`GNGGA,${clock},${here},1,${two(this.satellites)},${this.hdop},54.2,M,19.0,M,,`) +
      sentence(`GNGSA,A,3,05,12,13,15,20,25,29,31,,,,,2.0,${this.hdop},1.7`)
    );
  }

  hear(byte) {
    if (!this.chip.powered) return;
    if (this.asleep) {
      this.wake();
      return; // what wakes it is lost
    }
    if (Math.abs(this.line.baud - this.baud) > this.baud * 0.03) return;
    this.heard++;
    this.inbox = [...this.inbox, byte].slice(-LONGEST);
    this.takeUbx();
    if (byte === 10) this.takeLine();
  }

  takeUbx() {
    const box = this.inbox;
    const at = box.findIndex((byte, i) => byte === UBX[0] && box[i + 1] === UBX[1]);
    if (at < 0 || box.length < at + 8) return;
    const size = box[at + 4] | (box[at + 5] << 8);
    if (size < LONGEST && box.length < at + 8 + size) return;
    let [a, b] = [0, 0];
    for (const byte of box.slice(at + 2, at + 6 + size)) {
      a = (a + byte) & 0xff;
      b = (b + a) & 0xff;
    }
    const good = box[at + 6 + size] === a && box[at + 7 + size] === b;
    const body = box.slice(at + 6, at + 6 + size);
    const number = (box[at + 2] << 8) | box[at + 3];
    this.inbox = good ? box.slice(at + 8 + size) : box.slice(at + 2);
    if (!good) return;
    if (number === CFG_RST) this.restart(body[0] === 0xff ? 2 : body[0] & 1);
    if (number === PMREQ) {
      const from = size === 16 ? 4 : 0;
      const ms = body.slice(from, from + 4).reduceRight((sum, byte) => sum * 256 + byte, 0);
      this.sleep(ms);
    }
  }

  takeLine() {
    const text = String.fromCharCode(...this.inbox);
    this.inbox = [];
    const found = text.match(/\$([^$*]*)\*[0-9A-F]{2}\r\n$/);
    if (!found || sentence(found[1]) !== found[0]) return;
    const [name, value] = found[1].split(",");
    if (name === "PMTK161") this.sleep(0);
    if (name === "PCAS12") this.sleep(value * 1000);
    if (name === "PCAS10") this.restart(+value);
    if (/^PMTK10[123]$/.test(name)) this.restart(name.charCodeAt(6) - 49);
  }

  restart(how) {
    this.starts.push(STARTS[how]);
    this.begin(STARTS[how]);
  }

  sleep(ms) {
    if (this.sleepless) return;
    this.asleep = true;
    this.inbox = [];
    this.wakes_ns = ms ? this.chip.nanos + ms * 1e6 : null;
    if (ms > 4 * MS_A_DAY) this.begin("warm"); // its ephemerides are too old by then
  }

  wake() {
    this.asleep = false;
    this.wakes_ns = null;
    this.wait_s = Math.max(this.wait_s, FIRST_FIX_S.hot);
  }
}
