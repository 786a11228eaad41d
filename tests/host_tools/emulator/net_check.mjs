// The far end of an emulated board's line, against the RFCs and a client that loses packets.
import assert from "node:assert/strict";
import { Broker } from "../../../host_tools/emulator/net/broker.mjs";
import { Network, checksum } from "../../../host_tools/emulator/net/ip.mjs";
import { PppPeer, fcs, frame } from "../../../host_tools/emulator/net/ppp.mjs";
import { dns, sntp } from "../../../host_tools/emulator/net/servers.mjs";
import { random } from "../../../host_tools/emulator/random.mjs";

const BOARD = [10, 0, 2, 15];
const HOST = [10, 0, 2, 2];
const WINDOW = 300; // of the client
const be16 = (value) => [(value >> 8) & 255, value & 255];
const be32 = (value) => [...be16(value >>> 16), ...be16(value & 0xffff)];
const u16 = (bytes, at) => (bytes[at] << 8) | bytes[at + 1];
const u32 = (bytes, at) => u16(bytes, at) * 65536 + u16(bytes, at + 2);

/** A PPP peer and all that it says, frame by frame, as [protocol, code, id, options]. */
function line() {
  const said = [];
  const packets = [];
  const reader = new PppPeer({ send() {} });
  reader.frame = (bytes) => {
    const protocol = u16(bytes, 2);
    said.push([protocol, bytes[4], bytes[5], bytes.slice(8)]);
  };
  const ppp = new PppPeer({
    send: (bytes) => bytes.forEach((byte) => reader.receive(byte)),
    onPacket: (packet) => packets.push(packet),
    board: BOARD,
    own: HOST,
    dns: [10, 0, 2, 3],
  });
  const tell = (protocol, code, id, data) => {
    const packet = [code, id, ...be16(data.length + 4), ...data];
    for (const byte of frame(protocol, packet)) ppp.receive(byte);
    return said.splice(0);
  };
  return { ppp, tell, said, packets, reader };
}

function agree({ tell }) {
  tell(0xc021, 1, 1, []);
  tell(0xc021, 2, 1, []);
  tell(0x8021, 1, 1, [3, 6, ...BOARD]);
  tell(0x8021, 2, 2, [3, 6, ...HOST]);
}

function framing() {
  assert.equal(fcs(Buffer.from("123456789")) ^ 0xffff, 0x906e); // CRC-16/X-25's check value
  const all = Array.from({ length: 256 }, (_, byte) => byte);
  const wire = frame(0x0021, all);
  assert.ok(wire.slice(1, -1).every((byte) => byte >= 0x20 && byte !== 0x7e));
  const far = line();
  agree(far);
  assert.ok(far.ppp.up);
  for (const byte of wire) far.ppp.receive(byte);
  assert.deepEqual(far.packets, [all]);
  for (let spoilt = 1; spoilt < wire.length - 1; spoilt++) {
    const { bad } = far.ppp;
    wire.forEach((byte, i) => far.ppp.receive(i === spoilt ? byte ^ 0x04 : byte));
    assert.equal(far.packets.length, 1, `byte ${spoilt}`);
    assert.ok(far.ppp.bad > bad || (wire[spoilt] ^ 4) === 0x7e, `byte ${spoilt}`);
  }
}

function agreement() {
  const far = line();
  // Magic number, and compression of what it receives: all fine. Its own request follows once.
  const options = [5, 6, 1, 2, 3, 4, 7, 2, 8, 2];
  assert.deepEqual(far.tell(0xc021, 1, 9, options), [
    [0xc021, 2, 9, options],
    [0xc021, 1, 1, []],
  ]);
  far.tell(0xc021, 2, 1, []);
  // Header compression is refused, unknown addresses are told, right ones agreed to.
  const [refused] = far.tell(0x8021, 1, 1, [3, 6, 0, 0, 0, 0, 2, 6, 0, 45, 15, 1]);
  assert.deepEqual(refused, [0x8021, 4, 1, [2, 6, 0, 45, 15, 1]]);
  const [told] = far.tell(0x8021, 1, 2, [3, 6, 0, 0, 0, 0, 129, 6, 0, 0, 0, 0]);
  assert.deepEqual(told, [0x8021, 3, 2, [3, 6, ...BOARD, 129, 6, 10, 0, 2, 3]]);
  const [fine] = far.tell(0x8021, 1, 3, [3, 6, ...BOARD]);
  assert.deepEqual(fine, [0x8021, 2, 3, [3, 6, ...BOARD]]);
  assert.ok(!far.ppp.up);
  far.tell(0x8021, 2, 4, []);
  assert.ok(far.ppp.up);
  // A gateway that starts anew asks, and what the board asks then is no reason to ask again.
  far.ppp.restart();
  assert.equal(far.said.splice(0)[0][1], 1);
  assert.deepEqual(far.tell(0xc021, 1, 7, []), [[0xc021, 2, 7, []]]);
  far.tell(0xc021, 2, 1, []);
  assert.equal(far.tell(0xc021, 1, 8, []).length, 2);
  agree(far);
  // IPv6 is no protocol here; an echo is answered; the end is agreed to.
  assert.equal(far.tell(0x8057, 1, 1, [])[0][1], 8);
  assert.equal(far.tell(0xc021, 9, 5, [1, 2, 3, 4])[0][1], 10);
  assert.equal(far.tell(0xc021, 5, 6, [])[0][1], 6);
  assert.ok(!far.ppp.up);
}

/** A client's TCP over a line that loses packets, in virtual time. */
class Client {
  constructor(seed, loss) {
    this.random = random(seed);
    this.loss = loss;
    this.ns = 0;
    this.events = [];
    this.net = new Network({
      send: (packet) => this.lost() || this.at(this.ns + 1e6, () => this.receive(packet)),
      board: BOARD,
      at: (ns, fn) => this.at(ns, fn),
      now: () => this.ns,
      random: this.random,
    });
    this.heard = [];
    this.got = this.next = this.reset = 0;
    this.port = 49152;
  }

  lost() {
    return this.random() < this.loss;
  }

  at(ns, fn) {
    this.events.push([ns, fn]);
    this.events.sort((a, b) => a[0] - b[0]);
  }

  run(seconds) {
    const end = this.ns + seconds * 1e9;
    while (this.events.length && this.events[0][0] <= end) {
      const [ns, fn] = this.events.shift();
      this.ns = ns;
      fn();
    }
    this.ns = end;
  }

  segment(flags, data = [], number = this.next) {
    const head = [...be16(this.port), ...be16(7), ...be32(number), ...be32(this.got)];
    const body = [...head, 0x50, flags, ...be16(WINDOW), 0, 0, 0, 0, ...data];
    const ip = [0x45, 0, ...be16(20 + body.length), 0, 0, 0, 0, 64, 6, 0, 0, ...BOARD, ...HOST];
    if (!this.lost()) this.at(this.ns + 1e6, () => this.net.receive([...ip, ...body]));
  }

  receive(packet) {
    assert.equal(checksum(packet.slice(0, 20)), 0);
    const tcp = packet.slice(20);
    const pseudo = [...HOST, ...BOARD, 0, 6, ...be16(tcp.length)];
    assert.equal(checksum([...pseudo, ...tcp]), 0);
    const flags = tcp[13];
    if (flags & 4) this.reset++;
    if (flags & 2) {
      this.got = (u32(tcp, 4) + 1) >>> 0;
      this.next = u32(tcp, 8);
      this.open = true;
      this.segment(16);
    }
    this.acked = u32(tcp, 8);
    const data = tcp.slice((tcp[12] >> 4) * 4);
    if (!data.length && !(flags & 1)) return;
    assert.ok(u32(tcp, 4) + data.length - this.got <= WINDOW);
    if (u32(tcp, 4) === this.got) {
      this.heard.push(...data);
      this.got = (this.got + data.length + (flags & 1)) >>> 0;
      this.ended ||= !!(flags & 1);
    }
    this.segment(16);
  }

  connect() {
    for (let tries = 0; !this.open && tries < 50; tries++) {
      this.segment(2, [], 1000);
      this.run(1);
    }
  }

  /** Send bytes, each piece again until it is acknowledged. */
  send(bytes) {
    for (let at = 0; at < bytes.length; at += 100) {
      const piece = bytes.slice(at, at + 100);
      const want = (this.next + piece.length) >>> 0;
      for (let tries = 0; this.acked !== want && tries < 50; tries++) {
        this.segment(24, piece);
        this.run(0.3);
      }
      assert.equal(this.acked, want);
      this.next = want;
    }
  }
}

function stream(seed, loss) {
  const client = new Client(seed, loss);
  const taken = [];
  client.net.tcp.set("10.0.2.2:7", (connection) => {
    connection.on.data = (data) => {
      taken.push(...data);
      connection.send(data);
    };
  });
  client.connect();
  const bytes = Array.from({ length: 5000 }, (_, i) => (i * 7 + (i >> 8)) & 255);
  client.send(bytes);
  client.run(60);
  assert.deepEqual(taken, bytes);
  assert.deepEqual(client.heard, bytes);
  assert.equal(client.net.again > 0, loss > 0);
  // The same port again, as after a reset of the board: a new connection.
  let ends = 0;
  [...client.net.connections.values()][0].on.end = () => ends++;
  client.loss = 0;
  client.segment(2, [], 77777);
  client.run(1);
  assert.equal(ends, 1);
  client.segment(17, [], 77778);
  client.run(1);
  assert.equal(client.net.connections.size, 0);
  // Nobody listens there any more.
  client.net.tcp.clear();
  client.segment(2, [], 5);
  client.run(1);
  assert.ok(client.reset);
}

function checksums() {
  // RFC 1071, section 3, and a header of everyday life.
  assert.equal(checksum([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), 0xffff - 0xddf2);
  const header = Buffer.from("450000730000400040110000c0a80001c0a800c7", "hex");
  assert.equal(checksum(header), 0xb861);
}

/** A broker's connection: what it is sent, and a way to send to it in pieces. */
function session(broker) {
  const sent = [];
  const connection = { on: {}, send: (bytes) => sent.push([...bytes]) };
  broker.serve(connection);
  const pieces = (bytes, size) => {
    for (let at = 0; at < bytes.length; at += size) connection.on.data(bytes.slice(at, at + size));
    return sent.splice(0);
  };
  return { connection, pieces, sent };
}

const string = (text) => [...be16(text.length), ...Buffer.from(text)];
const packet = (head, body) => [head, ...(body.length < 128 ? [] : [(body.length & 127) | 128]),
  body.length < 128 ? body.length : body.length >> 7, ...body];

function broker(size) {
  const told = new Broker(() => 42);
  const { connection, pieces, sent } = session(told);
  const will = [...string("a/availability"), ...string("offline")];
  const hello = [...string("MQTT"), 4, 0x26, 0, 60, ...string("lamp"), ...will];
  assert.deepEqual(pieces(packet(0x10, hello), size), [[0x20, 2, 0, 0]]);
  const wanted = [0, 5, ...string("a/+/x"), 1, ...string("all/#"), 0];
  assert.deepEqual(pieces(packet(0x82, wanted), size), [[0x90, 4, 0, 5, 1, 0]]);
  assert.deepEqual(pieces([0xc0, 0], size), [[0xd0, 0]]);
  const long = "x".repeat(300);
  const publish = packet(0x32, [...string("a/event"), 1, 2, ...Buffer.from(long)]);
  assert.deepEqual(pieces([...publish, 0xc0, 0], size), [[0x40, 2, 1, 2], [0xd0, 0]]);
  const [message] = told.messages;
  assert.deepEqual(message, { topic: "a/event", payload: long, qos: 1, retain: 0, ns: 42 });
  assert.deepEqual(["a/b/x", "a/b/c/x", "all/b/c", "other"].map((to) => told.publish(to, "1")),
    [1, 0, 1, 0]);
  assert.deepEqual(sent[0], [0x32, 10, ...string("a/b/x"), 0, 1, 0x31]);
  connection.on.end();
  assert.equal(told.messages.at(-1).payload, "offline");
  assert.equal(told.sessions.size, 0);
}

function servers() {
  const question = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4, ...Buffer.from("time"), 0, 0, 1, 0, 1];
  const answer = dns({ time: HOST })(question);
  assert.deepEqual(answer.slice(-4), HOST);
  assert.equal(dns({})(question)[3] & 15, 3); // no such name
  const query = [0x23, ...Array(39).fill(0), 1, 2, 3, 4, 5, 6, 7, 8];
  const reply = sntp(() => 0.5)(query);
  assert.deepEqual(reply.slice(24, 32), query.slice(40));
  // 2000-01-01: 36524 days after 1900-01-01.
  assert.equal(u32(reply, 40), 36524 * 86400);
  assert.equal(reply[44], 0x80);
  assert.equal(sntp(() => 0)(query.slice(1)), null);
}

framing();
agreement();
checksums();
for (const [seed, loss] of [[1, 0], [2, 0.1], [3, 0.3], [4, 0.3]]) stream(seed, loss);
for (const size of [1, 7, 1000]) broker(size);
servers();
console.log("all well");
