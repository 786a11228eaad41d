// What the emulator's peripherals do, without a program on the chip; throws where one does not.
import assert from "node:assert/strict";
import { FlashChip, PowerCut } from "../../../host_tools/emulator/flash.mjs";
import { HcSr04 } from "../../../host_tools/emulator/parts/hc_sr04.mjs";
import { random } from "../../../host_tools/emulator/random.mjs";
import { frameBits, received } from "../../../host_tools/emulator/uart.mjs";

const FRAMING = 0x100;
const PARITY = 0x200;
const plain = { baud: 4800, bits: 8, parity: null, stop: 1 };
const even = { ...plain, parity: "even" };
const odd = { ...plain, parity: "odd" };

// Serial frames: start bit, lowest bit first, parity, stop.
assert.deepEqual(frameBits(0x55, even), [0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1]);
assert.deepEqual(frameBits(0x01, odd), [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
for (let byte = 0; byte < 256; byte++) {
  for (const format of [plain, even, odd]) assert.equal(received(byte, format, format), byte);
  assert.equal(received(byte, even, odd), byte | PARITY);
  // A bit rate 3 % off is understood, half of it is not.
  assert.equal(received(byte, { ...even, baud: 4944 }, even), byte);
  assert.notEqual(received(byte, { ...plain, baud: 2400 }, plain), byte);
}
assert.equal(received(0x00, even, plain) & FRAMING, FRAMING); // its parity is no stop bit

// Flash: programming clears bits, erasing sets a sector's, a page is written round and round.
const bytes = new Uint8Array(2 << 20).fill(0xff);
const chip = new FlashChip(bytes, random(1));
chip.program(0x1000, [0xf0, 0x0f]);
chip.program(0x1000, [0x3c]);
assert.deepEqual([...bytes.subarray(0x1000, 0x1003)], [0x30, 0x0f, 0xff]);
chip.program(0x10ff, [1, 2]);
assert.deepEqual([bytes[0x10ff], bytes[0x1000], bytes[0x1100]], [1, 0x30 & 2, 0xff]);
chip.erase(0x1000, 4096);
assert.ok(bytes.subarray(0x1000, 0x2000).every((byte) => byte === 0xff));
assert.deepEqual([chip.erases, chip.programs, chip.eraseCounts[1]], [1, 3, 1]);

// A power cut leaves a part of the operation done, and what is before and after it as it was.
for (let seed = 1; seed < 50; seed++) {
  bytes.fill(0xff);
  const cut = new FlashChip(bytes, random(seed));
  cut.cutAfter = 1;
  cut.program(0, [1, 2, 3]);
  assert.throws(() => cut.program(256, new Array(256).fill(0)), PowerCut);
  const page = bytes.subarray(256, 512);
  const done = page.findIndex((byte) => byte === 0xff);
  assert.ok(page.subarray(0, done).every((byte) => byte === 0));
  assert.ok(page.subarray(done).every((byte) => byte === 0xff));
  assert.deepEqual([...bytes.subarray(0, 4)], [1, 2, 3, 0xff]);
  cut.program(512, [0]); // the power is back
}

// A ranger's noise: the same for the same seed, other for another one, and other at another pin.
const pads = { probe() {}, drive() {} };
const echoes = (seed, echo_pin = 3) => {
  const ranger = new HcSr04({ seed, pads }, { echo_pin, noise_mm: 4, distance_mm: 1000 });
  return Array.from({ length: 20 }, () => ranger.echo_ns);
};
assert.deepEqual(echoes(1), echoes(1));
assert.notDeepEqual(echoes(1), echoes(2));
assert.notDeepEqual(echoes(1, 3), echoes(1, 5));
assert.ok(new Set(echoes(1)).size > 15);
console.log("all well");
