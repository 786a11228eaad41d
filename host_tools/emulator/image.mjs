// What is put into a flash chip: UF2 files (github.com/microsoft/uf2) and plain binaries.
import fs from "node:fs";

export const FLASH_BYTES = 2 << 20; // the Pico's W25Q16JV
export const FILES_AT = FLASH_BYTES - 1408 * 1024; // where MicroPython's RPI_PICO keeps littlefs

const UF2_MAGIC = 0x0a324655;
const XIP = 0x10000000;

/** Write an image file into `flash`, a Uint8Array of the whole chip. */
export function load(file, flash) {
  const data = fs.readFileSync(file);
  if (data.readUInt32LE(0) !== UF2_MAGIC) {
    flash.set(data, 0);
    return;
  }
  for (let block = 0; block < data.length; block += 512) {
    const address = data.readUInt32LE(block + 12);
    const length = data.readUInt32LE(block + 16);
    flash.set(data.subarray(block + 32, block + 32 + length), address - XIP);
  }
}
