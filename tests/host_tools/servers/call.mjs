// node call.mjs SCRIPT: calls the functions of a payload codec as a network server does, strictly
// and in a world of their own. Reads [[function, input], ..] from stdin, writes the results;
// a recvTime becomes a Date. With "garbage" as input it makes up a thousand inputs and gives how
// many of the results were neither data (bytes) nor an error.
import fs from "node:fs";
import vm from "node:vm";

const world = vm.createContext({});
vm.runInContext('"use strict";' + fs.readFileSync(process.argv[2], "utf8"), world);

let state = 1;
function random(n) {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
}

const KEYS = ["bytes", "fPort", "recvTime", "data", "kind", "id", "steps", "issued_s",
  "level_permille", "__proto__", "constructor", "length", "for_s", "toJSON"];
const KINDS = ["set_level", "set_schedule", "sync_time", "calibrate", "boot", ""];

function anything(depth) {
  const thrower = { get id() { throw new Error("no"); }, toJSON() { throw null; } };
  const plain = [undefined, null, true, NaN, Infinity, -1, 0.5, 255, 256, 2 ** 53, -0, "", "x",
    "\u0000", "1", [], {}, () => 1, Symbol("s"), 10n, new Date(NaN), new Date(0), /x/, thrower,
    Object.create(null), new Uint8Array([0x42, 1, 2, 3]), { length: 1e9 }, { length: -1 }];
  const kind = depth ? random(depth > 3 ? 2 : 4) : 3;
  if (kind === 0) return plain[random(plain.length)];
  if (kind === 1) return Array.from({ length: random(20) }, () => random(256));
  if (kind === 2) return Array.from({ length: random(4) }, () => anything(depth + 1));
  const made = {};
  const set = (key, value) => Reflect.set(made, key, value); // "__proto__" may forbid it
  for (let i = random(5); i >= 0; i--) set(KEYS[random(KEYS.length)], anything(depth + 1));
  if (random(2)) set("kind", KINDS[random(KINDS.length)]);
  if (random(2)) set("fPort", [1, 2, 3, 10, 11, 13][random(6)]);
  if (random(2)) set("bytes", Array.from({ length: random(20) }, () => random(256)));
  if (random(9) === 0) set("self", made);
  return made;
}

function garbage(name) {
  let odd = 0;
  for (let i = 0; i < 1000; i++) {
    const result = world[name](anything(0));
    const good = (result.data || result.bytes) && result.errors.length === 0;
    const bad = !result.data && !result.bytes && result.errors.length === 1
      && typeof result.errors[0] === "string";
    if (good === bad || !Array.isArray(Array.from(result.warnings))) odd++;
  }
  return odd;
}

const results = JSON.parse(fs.readFileSync(0, "utf8")).map(([name, input]) => {
  if (input === "garbage") return garbage(name);
  if (input && input.recvTime) input.recvTime = new Date(input.recvTime);
  return world[name](input);
});
process.stdout.write(JSON.stringify(results));
