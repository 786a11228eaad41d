// Runs random instructions on the emulator's core and on rp2040js's, and prints where they differ.
// Arguments: how many, and the seed.
import { Core } from "../../../host_tools/emulator/core.mjs";
import { TABLE, OPS } from "../../../host_tools/emulator/decode.mjs";
import { random } from "../../../host_tools/emulator/random.mjs";
import { ConsoleLogger, LogLevel, RP2040 } from "../../../host_tools/emulator/rp2040js.mjs";

const [count, seed] = process.argv.slice(2).map(Number);
const next = random(seed);
const RAM = 0x20000000;
const CODE = RAM + 0x1000;
const DATA = RAM + 0x8000;
const NAMES = Object.keys(OPS);
// Sleep, breakpoints, exceptions, and what is no instruction: tested by all that runs.
const NOT_ALONE = new Set(["WFE", "WFI", "SEV", "BKPT", "SVC", "UDF", "UNKNOWN", "WIDE", "CPSIE"]);

const word32 = () => {
  const kind = next();
  if (kind < 0.2) return [0, 1, 0x7fffffff, 0x80000000, 0xffffffff][Math.floor(next() * 5)];
  if (kind < 0.4) return Math.floor(next() * 40);
  return Math.floor(next() * 2 ** 32) >>> 0;
};
const inData = () => DATA + Math.floor(next() * 64) * 4;

function machine(own) {
  const rp = new RP2040();
  rp.logger = new ConsoleLogger(LogLevel.Error, false);
  rp.onBreak = () => {};
  if (own) rp.core = new Core(rp, new Uint8Array(2 << 20), () => {});
  return rp;
}

const memory = (op) => /^(LDR|STR|LDM|STM|PUSH|POP)/.test(op);

/** Where rp2040js departs from the ARMv6-M manual, or this leaves it open: there it is no judge. */
function isKnown(op, word, registers) {
  const by = registers[(word >> 3) & 7] & 0xff;
  if (op === "LSL_R" || op === "LSR_R" || op === "ASR_R") return by === 0 || by >= 32;
  if (op === "ROR") return by % 32 === 0;
  // A borrow past the subtrahend's 32 bits, and an addend with carry past its own.
  if (op === "SBC") return registers[(word >> 3) & 7] === 0xffffffff || carryEdge(word, registers);
  if (op === "ADC") return registers[word & 7] === 0xffffffff || carryEdge(word, registers);
  if (op === "BX" || op === "BLX") return (word & 7) !== 0 || ((word >> 3) & 15) >= 14;
  if (op === "STM") return ((word >> ((word >> 8) & 7)) & 1) === 1;
  return false;
}

const carryEdge = (word, registers) =>
  [registers[word & 7], registers[(word >> 3) & 7]].some((value) => value === 0x7fffffff);

const ours = machine(true);
const theirs = machine(false);
const seen = {};
let wrong = 0;
for (let i = 0; i < count; i++) {
  const word = Math.floor(next() * 0xf000);
  const op = NAMES[TABLE[word]];
  if (NOT_ALONE.has(op)) continue;
  const registers = Array.from({ length: 16 }, (_, n) =>
    n === 13 ? inData() + 0x400 : n === 15 ? CODE : memory(op) ? inData() : word32(),
  );
  // An offset in a register is a small one, and the addresses stay aligned.
  if (memory(op) && TABLE[word] >= OPS.STR_R && TABLE[word] <= OPS.LDRSH) {
    const offset = (word >> 6) & 7;
    if (offset === ((word >> 3) & 7)) continue;
    registers[offset] = Math.floor(next() * 32) * 4;
  }
  if (op === "POP" && word & 0x100) registers[13] = DATA + 0x600;
  if (isKnown(op, word, registers)) continue;
  const flags = Math.floor(next() * 12) << 28; // no result is both negative and 0
  for (const rp of [ours, theirs]) {
    rp.sramView.setUint16(CODE - RAM, word, true);
    for (let at = 0; at < 0x700; at += 4) {
      rp.sramView.setUint32(DATA - RAM + at, Math.imul(at + i, 2654435761) & ~1, true);
    }
    rp.core.registers.set(registers);
    rp.core.APSR = flags;
    rp.core.IPSR = 0;
    rp.core.PM = false;
    rp.core.interruptsUpdated = false;
    rp.core.executeInstruction();
  }
  const state = (rp) => [
    ...rp.core.registers,
    rp.core.APSR >>> 28,
    ...new Uint32Array(rp.sram.slice(DATA - RAM, DATA - RAM + 0x700).buffer),
  ];
  const [a, b] = [state(ours), state(theirs)];
  const place = a.findIndex((value, n) => value !== b[n]);
  seen[op] = (seen[op] ?? 0) + 1;
  if (place >= 0 && wrong++ < 20) {
    const shown = [a[place], b[place]].map((value) => value.toString(16)).join(" and not ");
    console.log(`${op} ${word.toString(16)}: place ${place} is ${shown}; ${registers.map((r) => r.toString(16))} flags ${(flags >>> 28).toString(2)}`);
  }
}
console.log(JSON.stringify({ wrong, kinds: Object.keys(seen).length, least: Math.min(...Object.values(seen)) }));
