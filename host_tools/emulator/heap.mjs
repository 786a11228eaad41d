// MicroPython's heap as seen from outside, while the firmware runs on undisturbed: its garbage
// collector keeps two bits for every block of 16 bytes (py/gc.c).
const RAM = 0x20000000;
const BLOCK_BYTES = 16;

/** What a byte of the table says of its four blocks: how many are in use. */
const USED = Uint8Array.from({ length: 256 }, (_, byte) =>
  [0, 2, 4, 6].reduce((sum, shift) => sum + ((byte >> shift) & 3 ? 1 : 0), 0),
);

export class Heap {
  /**
   * symbols: addresses of the image's mp_state_ctx (with its size), __GcHeapStart, __GcHeapEnd:
   * {state, stateBytes, start, end}.
   */
  constructor(chip, { state, stateBytes, start, end }) {
    Object.assign(this, { chip, state, stateBytes, start, end });
  }

  word(address) {
    return new DataView(this.chip.rp.sram.buffer).getUint32(address - RAM, true);
  }

  /** The table, null before MicroPython has made it. */
  table() {
    // gc_init() puts the area's addresses beside each other: table, its length, finalisers, pool.
    for (let at = this.state; at < this.state + this.stateBytes - 20; at += 4) {
      if (this.word(at) !== this.start) continue;
      const length = this.word(at + 4);
      const pool = this.word(at + 12);
      const end = this.word(at + 16);
      if (pool > this.start + length && end <= this.end && end - pool === length * 4 * BLOCK_BYTES) {
        return this.chip.rp.sram.subarray(this.start - RAM, this.start - RAM + length);
      }
    }
    return null;
  }

  /** {total, used, largestFree} in bytes, garbage that is not collected yet among the used. */
  look() {
    const table = this.table();
    if (!table) return null;
    let [used, run, longest] = [0, 0, 0];
    for (const byte of table) {
      used += USED[byte];
      if (byte === 0) {
        run += 4;
      } else {
        for (let shift = 0; shift < 8; shift += 2) {
          if ((byte >> shift) & 3) {
            longest = Math.max(longest, run);
            run = 0;
          } else run++;
        }
      }
    }
    return {
      total: table.length * 4 * BLOCK_BYTES,
      used: used * BLOCK_BYTES,
      largestFree: Math.max(longest, run) * BLOCK_BYTES,
    };
  }
}
