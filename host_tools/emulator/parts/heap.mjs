import { Heap } from "../heap.mjs";

const LOOK_NS = 20e6;

/**
 * MicroPython's heap, looked at from outside fifty times a second. symbols: as heap.mjs has them,
 * which host_tools.image.sizes.symbols() gives.
 */
export class HeapGauge {
  constructor(chip, symbols) {
    this.chip = chip;
    this.heap = new Heap(chip, symbols);
    this.clear();
    this.sample();
  }

  /** Begin the record anew. */
  clear() {
    this.record = { least: Infinity, most: 0, largestFree: Infinity };
  }

  sample() {
    const seen = this.chip.powered && this.heap.look();
    if (seen) {
      const { record } = this;
      record.least = Math.min(record.least, seen.used);
      record.most = Math.max(record.most, seen.used);
      record.largestFree = Math.min(record.largestFree, seen.largestFree);
    }
    this.chip.at(this.chip.nanos + LOOK_NS, () => this.sample());
  }

  /** {total, used, largestFree} in bytes at this moment. */
  get now() {
    return this.heap.look();
  }
}
