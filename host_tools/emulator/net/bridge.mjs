// From the emulated board's network to this machine's: what goes to the gateway goes to 127.0.0.1.
// For a board that runs in real time; a test has servers of its own, in virtual time.
import dgram from "node:dgram";
import net from "node:net";

const GATEWAY = "10.0.2.2:";
const HERE = "127.0.0.1";

const portOf = (key) => (key.startsWith(GATEWAY) ? Number(key.slice(GATEWAY.length)) : null);

/** Put real sockets behind every port of the gateway that the network itself does not serve. */
export function bridge(network) {
  const served = { tcp: network.tcp, udp: network.udp };
  network.tcp = {
    get(key) {
      const port = portOf(key);
      return served.tcp.get(key) ?? (port && ((connection) => join(connection, port)));
    },
  };
  const socket = dgram.createSocket("udp4");
  const waiting = new Map(); // port: what to do with the next answer from it
  socket.on("message", (answer, { port }) => waiting.get(port)?.([...answer]));
  socket.on("error", () => {});
  network.udp = {
    get(key) {
      const port = portOf(key);
      if (served.udp.get(key) || !port) return served.udp.get(key);
      return (query, reply) => {
        waiting.set(port, reply);
        socket.send(Uint8Array.from(query), port, HERE);
        return null;
      };
    },
  };
}

function join(connection, port) {
  const socket = net.connect(port, HERE);
  socket.setNoDelay(true);
  socket.on("data", (data) => connection.send(data));
  socket.on("end", () => connection.end());
  socket.on("error", () => connection.end());
  connection.on = {
    data: (bytes) => socket.write(Uint8Array.from(bytes)),
    end: () => socket.destroy(),
  };
}
