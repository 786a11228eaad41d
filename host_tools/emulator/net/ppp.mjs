// The far end of a PPP line, as an Internet provider's: RFC 1661 (LCP), 1662 (framing), 1332 and
// 1877 (IPCP with DNS). It gives the board an address; compression of any kind is refused.
const FLAG = 0x7e;
const ESCAPE = 0x7d;
const GOOD_FCS = 0xf0b8;
const LCP = 0xc021;
const IPCP = 0x8021;
const IP = 0x0021;
const REQUEST = 1;
const ACK = 2;
const NAK = 3;
const REJECT = 4;
const TERMINATE = 5;
const TERMINATED = 6;
const PROTOCOL_REJECT = 8;
const ECHO = 9;
const ECHO_REPLY = 10;
const LONGEST = 2000;
// IPCP's options
const ADDRESS = 3;
const DNS_1 = 129;

/** The frame check sequence of RFC 1662, C.2, over bytes. */
export function fcs(bytes) {
  let sum = 0xffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let i = 0; i < 8; i++) sum = sum & 1 ? (sum >> 1) ^ 0x8408 : sum >> 1;
  }
  return sum;
}

/** A frame as it goes over the line. */
export function frame(protocol, payload) {
  const body = [0xff, 0x03, protocol >> 8, protocol & 255, ...payload];
  const check = fcs(body) ^ 0xffff;
  const wire = [FLAG];
  for (const byte of [...body, check & 255, check >> 8]) {
    // All control characters, so that it needs not know what the board asked to have escaped.
    if (byte < 0x20 || byte === FLAG || byte === ESCAPE) wire.push(ESCAPE, byte ^ 0x20);
    else wire.push(byte);
  }
  wire.push(FLAG);
  return wire;
}

/** [[type, value], ...] of a Configure packet's options. */
function optionsOf(data) {
  const options = [];
  for (let at = 0; at + 2 <= data.length && data[at + 1] >= 2; at += data[at + 1]) {
    options.push([data[at], data.slice(at + 2, at + data[at + 1])]);
  }
  return options;
}

const packed = (options) =>
  options.flatMap(([type, value]) => [type, value.length + 2, ...value]);
const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

export class PppPeer {
  /**
   * send(bytes): to the board. onPacket(bytes): an IP packet came. board, own, dns: addresses as
   * four numbers. up: both ends agree on the addresses. bad: frames with a wrong check.
   */
  constructor({ send, onPacket, board, own, dns }) {
    Object.assign(this, { sendBytes: send, onPacket, board, own, dns });
    this.frames = 0;
    this.bad = 0;
    this.id = 0;
    this.reset();
  }

  /** The line was cut: all has to be agreed anew. */
  reset() {
    this.body = [];
    this.escaped = false;
    this.asked = false; // our own request is under way, or agreed to
    this.agreed = false;
    this.ipcp = { mine: false, theirs: false };
  }

  /** This end starts anew, as a gateway does, and asks the board to agree on all again. */
  restart() {
    this.reset();
    this.ask();
  }

  ask() {
    this.asked = true;
    this.say(LCP, REQUEST, ++this.id, []);
  }

  get up() {
    return this.ipcp.mine && this.ipcp.theirs;
  }

  /** One byte from the board. */
  receive(byte) {
    if (byte === FLAG) {
      const { body } = this;
      this.body = [];
      this.escaped = false;
      if (body.length < 4) return;
      if (fcs(body) === GOOD_FCS) this.frame(body.slice(0, -2));
      else this.bad++;
    } else if (byte === ESCAPE) {
      this.escaped = true;
    } else if (this.body.length < LONGEST) {
      this.body.push(this.escaped ? byte ^ 0x20 : byte);
      this.escaped = false;
    }
  }

  frame(bytes) {
    this.frames++;
    // Address and control, and a high byte of 0 of the protocol, may be left out (RFC 1661, 6.5).
    let at = bytes[0] === 0xff && bytes[1] === 0x03 ? 2 : 0;
    let protocol = bytes[at++];
    if (!(protocol & 1)) protocol = (protocol << 8) | bytes[at++];
    const payload = bytes.slice(at);
    if (protocol === LCP) this.control(payload);
    else if (protocol === IPCP) this.addresses(payload);
    else if (protocol === IP) this.up && this.onPacket(payload);
    else {
      const told = [protocol >> 8, protocol & 255, ...payload];
      this.say(LCP, PROTOCOL_REJECT, ++this.id, told);
    }
  }

  say(protocol, code, id, data) {
    const length = data.length + 4;
    this.sendBytes(frame(protocol, [code, id & 255, length >> 8, length & 255, ...data]));
  }

  /** An IP packet to the board; dropped while the line is not up. */
  send(packet) {
    if (this.up) this.sendBytes(frame(IP, packet));
  }

  control([code, id, high, low, ...rest]) {
    const data = rest.slice(0, ((high << 8) | low) - 4);
    if (code === REQUEST) {
      // Whatever it asks for is fine: all of it is about what it receives.
      this.ipcp = { mine: false, theirs: false };
      this.say(LCP, ACK, id, data);
      // After an agreement the board begins anew; before one it answers a request of ours.
      if (!this.asked || this.agreed) this.ask();
      this.agreed = false;
    } else if (code === ACK) {
      this.agreed = true;
    } else if (code === TERMINATE) {
      this.say(LCP, TERMINATED, id, []);
      this.reset();
    } else if (code === ECHO) {
      this.say(LCP, ECHO_REPLY, id, [0, 0, 0, 0, ...data.slice(4)]);
    }
  }

  addresses([code, id, high, low, ...rest]) {
    const data = rest.slice(0, ((high << 8) | low) - 4);
    if (code === ACK) this.ipcp.mine = true;
    if (code === TERMINATE) this.say(IPCP, TERMINATED, id, []);
    if (code !== REQUEST) return;
    const right = { [ADDRESS]: this.board, [DNS_1]: this.dns };
    const options = optionsOf(data);
    const refused = options.filter(([type]) => !right[type]);
    const wrong = options.filter(([type, value]) => right[type] && !same(value, right[type]));
    if (refused.length) {
      this.say(IPCP, REJECT, id, packed(refused));
    } else if (wrong.length) {
      this.say(IPCP, NAK, id, packed(wrong.map(([type]) => [type, right[type]])));
    } else {
      this.say(IPCP, ACK, id, data);
      this.ipcp.theirs = true;
    }
    if (!this.ipcp.mine) this.say(IPCP, REQUEST, ++this.id, packed([[ADDRESS, this.own]]));
  }
}
