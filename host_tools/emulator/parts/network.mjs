import { attach } from "../net/index.mjs";

/**
 * The network at the end of the board's UART 0, with its name server, time server and broker, for
 * boards/rpi_pico_ppp. time2000: seconds since 2000-01-01 UTC when virtual time is 0.
 */
export class Network {
  constructor(chip, options) {
    Object.assign(this, attach(chip, options));
  }

  /** {topic, payload, qos, retain, ns} of all that the broker was told. */
  get messages() {
    return this.broker.messages;
  }

  /** up: the line has an address; connects: of MQTT; bad, again: damaged frames, segments sent anew. */
  get state() {
    const { ppp, broker, network } = this;
    const { connects, acked } = broker;
    return { up: ppp.up, connects, acked, bad: ppp.bad, again: network.again };
  }

  /** A message to whoever subscribed to its topic; gives to how many. */
  publish({ topic, payload, qos = 1 }) {
    return this.broker.publish(topic, payload, qos);
  }

  /** Whether all packets are lost. */
  lose({ all }) {
    this.network.dropping = all;
  }

  /** The servers forget their connections, as when they start anew. */
  restart() {
    this.network.reset();
  }

  /** The other end of the line starts anew and knows nothing. */
  hang_up() {
    this.ppp.restart();
    this.network.reset();
  }
}
