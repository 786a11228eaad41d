// A network on an emulated board's UART: PPP with a name server, a time server and a broker, all
// in virtual time, the same run for the same seed. Made for boards/rpi_pico_ppp.
import { Broker } from "./broker.mjs";
import { Network } from "./ip.mjs";
import { PppPeer } from "./ppp.mjs";
import { dns, sntp } from "./servers.mjs";

const BOARD = [10, 0, 2, 15];
const GATEWAY = [10, 0, 2, 2];
const NAMES = [10, 0, 2, 3];

/**
 * Put a network on `uart` of `chip`. time2000: seconds since 2000-01-01 UTC when virtual time is 0.
 * The broker is broker.example:1883 and the time server time.example:123, both at 10.0.2.2.
 * Gives {ppp, network, broker}.
 */
export function attach(chip, { uart = 0, time2000 = 0 } = {}) {
  const now = () => chip.nanos;
  const broker = new Broker(now);
  const network = new Network({
    send: (packet) => ppp.send(packet),
    board: BOARD,
    at: (ns, fn) => chip.at(ns, fn),
    now,
    random: chip.random,
  });
  const ppp = new PppPeer({
    send: (bytes) => chip.rp.uart[uart].feed(bytes),
    onPacket: (packet) => network.receive(packet),
    board: BOARD,
    own: GATEWAY,
    dns: NAMES,
  });
  network.tcp.set("10.0.2.2:1883", (connection) => broker.serve(connection));
  network.udp.set("10.0.2.2:123", sntp(() => time2000 + now() / 1e9));
  network.udp.set(
    "10.0.2.3:53",
    dns({ "broker.example": GATEWAY, "time.example": GATEWAY }),
  );
  chip.uartHooks[uart] = (byte) => ppp.receive(byte);
  chip.parts.push(() => {
    ppp.reset();
    network.reset();
  });
  return { ppp, network, broker };
}
