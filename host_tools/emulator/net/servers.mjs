// What a board finds on the network: names (DNS, RFC 1035), the time (SNTP, RFC 4330).
const NTP_TO_2000_S = 3155673600;

/** Answers questions for addresses: names maps them to four numbers. */
export function dns(names) {
  return (query) => {
    let at = 12;
    const labels = [];
    while (query[at]) {
      labels.push(String.fromCharCode(...query.slice(at + 1, at + 1 + query[at])));
      at += query[at] + 1;
    }
    const question = query.slice(12, at + 5);
    const address = names[labels.join(".").toLowerCase()];
    const head = [query[0], query[1], 0x81, address ? 0x80 : 0x83, 0, 1, 0, address ? 1 : 0];
    head.push(0, 0, 0, 0, ...question);
    if (address) head.push(0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address);
    return head;
  };
}

/** Tells the time: now() gives seconds since 2000-01-01, UTC, with their fraction. */
export function sntp(now) {
  const stamp = (seconds) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(Math.floor(seconds + NTP_TO_2000_S) % 2 ** 32);
    bytes.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), 4);
    return [...bytes];
  };
  return (query) => {
    if (query.length !== 48 || (query[0] & 7) !== 3) return null;
    const time = stamp(now());
    return [
      ...[0x24, 1, 6, 0xec, 0, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from("GPS\0")],
      ...[...time, ...query.slice(40, 48), ...time, ...time],
    ];
  };
}
