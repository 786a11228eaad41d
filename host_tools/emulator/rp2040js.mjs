// The one door to npm's rp2040js, which lives under build/ and not beside this file.
// KERB_EMULATOR names another folder than build/emulator that holds node_modules/ and bootrom.bin.
import fs from "node:fs";
import { pathToFileURL } from "node:url";

// It warns of each read of a register that it lacks, as a soft reset does of the other core's.
console.warn = () => {};

// Its RTC counts by this machine's local time, in which some hours come twice.
process.env.TZ = "UTC";

const home = process.env.KERB_EMULATOR
  ? pathToFileURL(process.env.KERB_EMULATOR + "/")
  : new URL("../../build/emulator/", import.meta.url);
const esm = new URL("node_modules/rp2040js/dist/esm/", home);

export const {
  BasePeripheral,
  ConsoleLogger,
  GPIOPinState,
  I2CMode,
  LogLevel,
  RP2040,
  USBCDC,
} = await import(new URL("index.js", esm));
export const { CortexM0Core } = await import(new URL("cortex-m0-core.js", esm));
export const { SimulationClock } = await import(new URL("clock/simulation-clock.js", esm));

/** The boot ROM (revision B1, 16 kB), as words. */
export function bootrom() {
  const bytes = fs.readFileSync(new URL("bootrom.bin", home));
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
