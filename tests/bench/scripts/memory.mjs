// One emulated board with its network, for bench_memory.py: what its heap is like in each phase.
// argv: JSON {image, blocks: file or null, symbols, time2000, phases: [{name, seconds, busy}],
// parts: {name: [kind, options]}}.
// stdout: one JSON line a phase.
import fs from "node:fs";
import { Chip } from "../../../host_tools/emulator/chip.mjs";
import { Heap } from "../../../host_tools/emulator/heap.mjs";
import { FLASH_BYTES } from "../../../host_tools/emulator/image.mjs";
import { attach } from "../../../host_tools/emulator/net/index.mjs";
import { makePart } from "../../../host_tools/emulator/parts/index.mjs";

const LOOK_NS = 20e6;
const SETTLED_NS = 60e9; // garbage has been collected within this
const DAY_S = 86400;

const { image, blocks, symbols, time2000, phases, parts: kinds = {} } = JSON.parse(process.argv[2]);
const chip = new Chip({ image });
if (blocks) {
  const bytes = fs.readFileSync(blocks);
  chip.flash.bytes.set(bytes, FLASH_BYTES - bytes.length);
}
const net = attach(chip, { time2000 });
const heap = new Heap(chip, symbols);
const parts = {};
for (const [name, [kind, options]] of Object.entries(kinds)) {
  parts[name] = makePart(kind, chip, options);
}
let [serial, resets] = ["", 0];
chip.onSerial = (bytes) => {
  serial = (serial + Buffer.from(bytes).toString("latin1")).slice(-4000);
};
chip.onReset = () => resets++;
// Dark from 18:30 to 06:30 in Korea.
chip.adcMv[0] = () => {
  const local = (time2000 + 9 * 3600 + chip.nanos / 1e9) % DAY_S;
  return local > 6.5 * 3600 && local < 18.5 * 3600 ? 2500 : 200;
};

let id = 1;
const tell = (command, values) =>
  net.broker.publish(`kerb/lamp-1/command/${command}`, JSON.stringify({ id: id++, ...values }));

/** Three people come to the kerb, and pass by; somebody pushes the button. */
function people() {
  parts.radar?.clear();
  parts.radar?.walk({ x_mm: 100, y_mm: 5500, vy_mm_s: -1300 });
  parts.radar?.walk({ x_mm: -3000, y_mm: 3000, vx_mm_s: 1100 });
  parts.radar?.walk({ x_mm: 1500, y_mm: 2500, vx_mm_s: -100 });
  parts.button?.press({ ms: 60 });
}

/** What happens to a board in the field, the same every hour, from `begin` to `end`. */
function plan(begin, end) {
  for (let at = begin; at < end; at += 300e9) {
    chip.at(at + 30e9, () => tell("set_level", { level_permille: 400, for_s: 120 }));
    chip.at(at + 100e9, () => tell("send_status", {}));
    chip.at(at + 200e9, () => tell("set_level", { level_permille: 2000 })); // refused
  }
  for (let at = begin; at < end; at += 60e9) chip.at(at + 20e9, people);
  for (let at = begin; at < end; at += 3600e9) {
    chip.at(at + 900e9, () => (net.network.dropping = true));
    chip.at(at + 1080e9, () => (net.network.dropping = false));
    chip.at(at + 2000e9, () => net.network.reset());
  }
}

for (const { name, seconds, busy } of phases) {
  const begin = chip.nanos;
  const end = begin + seconds * 1e9;
  const began = Date.now();
  const result = { name, seconds, peak: 0, live: Infinity, largestFree: Infinity };
  if (busy) plan(begin, end);
  while (chip.nanos < end) {
    chip.run(Math.min(end, chip.nanos + LOOK_NS));
    const seen = heap.look();
    if (!seen) continue;
    result.total = seen.total;
    result.peak = Math.max(result.peak, seen.used);
    result.largestFree = Math.min(result.largestFree, seen.largestFree);
    if (end - chip.nanos < SETTLED_NS) result.live = Math.min(result.live, seen.used);
  }
  result.wallS = (Date.now() - began) / 1000;
  Object.assign(result, { resets, connects: net.broker.connects });
  Object.assign(result, { messages: net.broker.messages.length, serial });
  console.log(JSON.stringify(result));
}
