// An MQTT 3.1.1 broker for one board, in virtual time: what it is told is kept in a list.
const CONNECT = 1;
const PUBLISH = 3;
const PUBACK = 4;
const SUBSCRIBE = 8;
const PINGREQ = 12;
const DISCONNECT = 14;

const text = (bytes) => Buffer.from(bytes).toString("utf8");

function packet(type, flags, body) {
  const length = [];
  let left = body.length;
  do {
    length.push((left & 127) | (left > 127 ? 128 : 0));
    left >>= 7;
  } while (left);
  return [(type << 4) | flags, ...length, ...body];
}

/** Reads what MQTT's strings and numbers are made of. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  u16() {
    this.at += 2;
    return (this.bytes[this.at - 2] << 8) | this.bytes[this.at - 1];
  }

  string() {
    const length = this.u16();
    this.at += length;
    return text(this.bytes.slice(this.at - length, this.at));
  }

  rest() {
    return this.bytes.slice(this.at);
  }
}

class Session {
  constructor(broker, connection) {
    this.broker = broker;
    this.connection = connection;
    this.left = [];
    this.filters = [];
    this.will = null;
    this.id = 0;
    connection.on.data = (bytes) => this.receive(bytes);
    connection.on.end = () => this.over();
  }

  receive(bytes) {
    for (const byte of bytes) this.left.push(byte);
    for (;;) {
      let length = 0;
      let at = 1;
      let more = true;
      while (more && at < this.left.length) {
        length |= (this.left[at] & 127) << (7 * (at - 1));
        more = !!(this.left[at++] & 128);
      }
      if (more || this.left.length < at + length) return;
      const [head, ...body] = this.left.splice(0, at + length);
      this.take(head >> 4, head & 15, body.slice(at - 1));
    }
  }

  say(type, flags, body) {
    this.connection.send(packet(type, flags, body));
  }

  take(type, flags, body) {
    const reader = new Reader(body);
    if (type === CONNECT) this.connect(reader);
    else if (type === PUBLISH) this.publish(flags, reader);
    else if (type === SUBSCRIBE) {
      const id = body.slice(0, 2);
      const answer = [];
      for (reader.at = 2; reader.at < body.length; reader.at++) {
        this.filters.push(reader.string());
        answer.push(body[reader.at]);
      }
      this.say(9, 0, [...id, ...answer]);
    } else if (type === PINGREQ) this.say(13, 0, []);
    else if (type === DISCONNECT) this.will = null;
    else if (type === PUBACK) this.broker.acked++;
  }

  connect(reader) {
    reader.string();
    const flags = reader.bytes[reader.at + 1];
    reader.at += 4;
    this.client = reader.string();
    if (flags & 4) this.will = { topic: reader.string(), payload: reader.string() };
    this.say(2, 0, [0, 0]);
    this.broker.connects++;
  }

  publish(flags, reader) {
    const topic = reader.string();
    const qos = (flags >> 1) & 3;
    if (qos) this.say(PUBACK, 0, [...reader.bytes.slice(reader.at, (reader.at += 2))]);
    this.broker.heard(topic, text(reader.rest()), qos, flags & 1);
  }

  over() {
    if (this.will) this.broker.heard(this.will.topic, this.will.payload, 0, 1);
    this.broker.sessions.delete(this);
  }
}

const matches = (filter, topic) => {
  const [want, have] = [filter.split("/"), topic.split("/")];
  return want.every((word, i) => word === "#" || (have[i] && (word === "+" || word === have[i])));
};

export class Broker {
  /** now(): virtual nanoseconds, for the list `messages` of {topic, payload, qos, retain, ns}. */
  constructor(now) {
    this.now = now;
    this.sessions = new Set();
    this.messages = [];
    this.connects = this.acked = 0;
    this.onMessage = () => {};
  }

  serve(connection) {
    this.sessions.add(new Session(this, connection));
  }

  heard(topic, payload, qos, retain) {
    const message = { topic, payload, qos, retain, ns: this.now() };
    this.messages.push(message);
    this.onMessage(message);
  }

  /** Send a message to whoever subscribed to its topic; gives to how many. */
  publish(topic, payload, qos = 1) {
    let count = 0;
    for (const session of this.sessions) {
      if (!session.filters.some((filter) => matches(filter, topic))) continue;
      const name = Buffer.from(topic);
      const id = qos ? [0, (session.id = (session.id % 255) + 1)] : [];
      session.say(PUBLISH, qos << 1, [0, name.length, ...name, ...id, ...Buffer.from(payload)]);
      count++;
    }
    return count;
  }
}
