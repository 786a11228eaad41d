// IPv4 (RFC 791), UDP (768) and a server's TCP (9293) at the far end of a board's line.
// Only what a line needs that keeps the order and loses nothing but what the board's UART drops:
// whole packets, no fragments, a window, and sending again after a second.
const TCP = 6;
const UDP = 17;
const FIN = 1;
const SYN = 2;
const RST = 4;
const PSH = 8;
const ACK = 16;
const AGAIN_NS = 1e9;
const SEGMENT = 440;
const IN_FLIGHT = 480; // the board's UART keeps 1024 bytes, and a byte may be sent as two

const u16 = (bytes, at) => (bytes[at] << 8) | bytes[at + 1];
const u32 = (bytes, at) => ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0;
const be16 = (value) => [(value >> 8) & 255, value & 255];
const be32 = (value) => [...be16(value >>> 16), ...be16(value & 0xffff)];
const since = (a, b) => (a - b) | 0; // of sequence numbers, which wrap

/** The Internet checksum (RFC 1071). */
export function checksum(bytes) {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

const pseudo = (from, to, protocol, length) => [...from, ...to, 0, protocol, ...be16(length)];

/** One connection that the board opened; `on` are {data(bytes), end()}. */
class Connection {
  constructor(net, key, board, syn) {
    Object.assign(this, { net, key, ...board });
    this.got = (u32(syn, 4) + 1) >>> 0; // the next byte expected
    this.acked = this.next = net.firstNumber();
    this.window = u16(syn, 14);
    this.queue = []; // bytes not acknowledged yet, from `acked` on
    this.open = false;
    this.ending = this.ended = false;
    this.on = { data() {}, end() {} };
  }

  /** Bytes for the board. */
  send(bytes) {
    for (const byte of bytes) this.queue.push(byte);
    this.push();
  }

  /** No more bytes will be sent. */
  end() {
    this.ending = true;
    this.push();
  }

  segment(flags, number, data = [], options = []) {
    const head = [
      ...be16(this.port),
      ...be16(this.boardPort),
      ...be32(number),
      ...be32(this.got),
      (5 + options.length / 4) << 4,
      flags,
      ...be16(4096),
      0,
      0,
      0,
      0,
      ...options,
      ...data,
    ];
    const sum = checksum([...pseudo(this.own, this.net.board, TCP, head.length), ...head]);
    head[16] = sum >> 8;
    head[17] = sum & 255;
    this.net.sendIp(this.own, TCP, head);
  }

  accept() {
    this.segment(SYN | ACK, this.acked, [], [2, 4, ...be16(SEGMENT)]);
    this.next = (this.acked + 1) >>> 0;
  }

  push() {
    if (!this.open) return;
    for (;;) {
      const sent = since(this.next, this.acked);
      const room = Math.min(this.window, IN_FLIGHT) - sent;
      const data = this.queue.slice(sent, sent + Math.min(room, SEGMENT));
      if (room <= 0 || !data.length) break;
      this.segment(ACK | PSH, this.next, data);
      this.next = (this.next + data.length) >>> 0;
      this.watch();
    }
    if (this.ending && !this.ended && since(this.next, this.acked) === this.queue.length) {
      this.segment(FIN | ACK, this.next);
      this.next = (this.next + 1) >>> 0;
      this.ended = true;
    }
  }

  /** Send again what is not acknowledged after a while. */
  watch() {
    const { acked } = this;
    this.net.at(this.net.now() + AGAIN_NS, () => {
      if (this.net.connections.get(this.key) !== this || this.acked !== acked) return;
      if (!this.queue.length) return;
      this.net.again++;
      this.next = this.acked;
      this.push();
    });
  }

  receive(segment) {
    const flags = segment[13];
    const number = u32(segment, 4);
    const data = segment.slice((segment[12] >> 4) * 4);
    if (flags & RST) return this.drop();
    if (flags & SYN) return this.accept(); // our answer was lost
    this.window = u16(segment, 14);
    if (flags & ACK) this.acknowledged(u32(segment, 8));
    if (number !== this.got) {
      if (data.length || flags & FIN) this.segment(ACK, this.next);
      return this.push();
    }
    if (data.length) {
      this.got = (this.got + data.length) >>> 0;
      this.segment(ACK, this.next);
      this.on.data(data);
    }
    if (flags & FIN) {
      this.got = (this.got + 1) >>> 0;
      this.segment(ACK, this.next);
      this.end();
      this.drop();
    }
    this.push();
  }

  acknowledged(number) {
    if (!this.open) {
      this.open = true;
      this.acked = number;
      return;
    }
    const count = since(number, this.acked);
    if (count <= 0 || count > since(this.next, this.acked)) return;
    this.queue.splice(0, Math.min(count, this.queue.length));
    this.acked = number;
    if (this.queue.length) this.watch();
  }

  /** The board is gone. */
  drop() {
    if (this.net.connections.delete(this.key)) this.on.end();
  }
}

export class Network {
  /**
   * send(packet): to the board, whose address `board` is. at(ns, fn) and now(): virtual time.
   * random(): 0 to 1. dropping: every packet is lost, both ways.
   */
  constructor({ send, board, at, now, random }) {
    Object.assign(this, { send, board, at, now, random });
    this.udp = new Map(); // "10.0.0.1:123": fn(bytes, reply) that gives the answer or null
    this.tcp = new Map(); // "10.0.0.1:1883": fn(connection)
    this.connections = new Map();
    this.dropping = false;
    this.again = 0; // times that something was sent again
    this.packets = 0;
    this.number = 0;
  }

  firstNumber() {
    return Math.floor(this.random() * 2 ** 32) >>> 0;
  }

  /** Whoever had a connection is told that it is over. */
  reset() {
    for (const connection of [...this.connections.values()]) connection.drop();
  }

  /** An IP packet from the board. */
  receive(packet) {
    if (this.dropping || packet[0] !== 0x45 || packet.length < u16(packet, 2)) return;
    this.packets++;
    const own = packet.slice(16, 20);
    const payload = packet.slice(20, u16(packet, 2));
    if (packet[9] === UDP) this.datagram(own, payload);
    if (packet[9] === TCP) this.stream(own, payload);
  }

  sendIp(from, protocol, payload) {
    if (this.dropping) return;
    const length = payload.length + 20;
    const head = [0x45, 0, ...be16(length), ...be16(this.number++ & 0xffff), 0x40, 0, 64];
    head.push(protocol, 0, 0, ...from, ...this.board);
    const sum = checksum(head);
    head[10] = sum >> 8;
    head[11] = sum & 255;
    this.send([...head, ...payload]);
  }

  datagram(own, payload) {
    const port = u16(payload, 2);
    const send = (answer) => {
      const reply = [...be16(port), ...be16(u16(payload, 0)), ...be16(answer.length + 8), 0, 0];
      reply.push(...answer);
      const sum = checksum([...pseudo(own, this.board, UDP, reply.length), ...reply]) || 0xffff;
      reply[6] = sum >> 8;
      reply[7] = sum & 255;
      this.sendIp(own, UDP, reply);
    };
    // Who can't answer at once is given the means to do it later.
    const answer = this.udp.get(`${own.join(".")}:${port}`)?.(payload.slice(8), send);
    if (answer) send(answer);
  }

  stream(own, segment) {
    const [boardPort, port] = [u16(segment, 0), u16(segment, 2)];
    const key = `${own.join(".")}:${port}:${boardPort}`;
    const flags = segment[13];
    let connection = this.connections.get(key);
    if (flags & SYN && connection && connection.got !== (u32(segment, 4) + 1) >>> 0) {
      connection.drop(); // the board was reset and took the same port again
      connection = null;
    }
    if (connection) return connection.receive(segment);
    const serve = this.tcp.get(`${own.join(".")}:${port}`);
    connection = new Connection(this, key, { own, port, boardPort }, segment);
    if (flags & SYN && serve) {
      this.connections.set(key, connection);
      connection.accept();
      serve(connection);
    } else if (!(flags & RST)) {
      // Nobody listens, or a connection of before: RFC 9293, 3.10.7.1.
      if (!(flags & SYN)) connection.got = u32(segment, 4);
      connection.segment(RST | ACK, flags & ACK ? u32(segment, 8) : 0);
    }
  }
}
