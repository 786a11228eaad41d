const FORM = { baud: 19200, bits: 8, parity: null, stop: 1 };
const REPORT_NS = 102.4e6;
const MPH = 2.236936;

/**
 * OPS243-A, a radar that tells how fast cars come, on a UART: speed_m_s, negative goes away. It
 * takes its commands of two letters, `heard`; until then it tells miles an hour, and no JSON.
 * knows_zeros: its version has BZ. dead: it sends nothing.
 */
export class Ops243 {
  constructor(chip, { uart = 0, ...words }) {
    Object.assign(this, { chip, line: chip.rp.uart[uart], speed_m_s: 0, dead: false, heard: [] });
    Object.assign(this, { json: false, metres: false, zeros: false, decimals: 1, inbox: "" });
    Object.assign(this, { knows_zeros: true, reports: 0 });
    this.set(words);
    this.line.onByte = (byte) => this.hear(byte);
    this.next(chip.nanos + REPORT_NS);
  }

  /** Any of speed_m_s, knows_zeros, dead. */
  set(words) {
    Object.assign(this, words);
  }

  next(ns) {
    this.chip.at(ns, () => {
      if (this.speed_m_s || this.zeros) this.say(this.report());
      this.next(ns + REPORT_NS);
    });
  }

  report() {
    this.reports++;
    const value = (this.speed_m_s * (this.metres ? 1 : MPH)).toFixed(this.decimals);
    return this.json ? `{"speed":"${value}"}` : value;
  }

  hear(byte) {
    this.inbox += String.fromCharCode(byte);
    if (this.inbox.length < 2) return;
    const code = this.inbox;
    this.inbox = "";
    this.heard.push(code);
    if (code === "OJ") this.json = true;
    if (code === "UM") this.metres = true;
    if (code === "F2") this.decimals = 2;
    if (code === "BZ") this.zeros = this.knows_zeros;
    if (code[0] === "U") this.say(`{"Units":"${this.metres ? "m-per-sec" : "mph"}"}`);
  }

  say(text) {
    if (this.chip.powered && !this.dead) this.line.feed(Buffer.from(`${text}\r\n`), FORM);
  }
}
