// Parts that can be put on the pins, by the name that add_part has for them.
import { DaliBus } from "./dali.mjs";
import { HeapGauge } from "./heap.mjs";
import { PwmLamp } from "./lamp.mjs";
import { Network } from "./network.mjs";

const KINDS = { dali: DaliBus, heap: HeapGauge, lamp: PwmLamp, network: Network };

/** Make a part on a chip's pins. */
export function makePart(kind, chip, options) {
  if (!(kind in KINDS)) throw new Error(`no part ${kind}: ${Object.keys(KINDS).join(", ")}`);
  return new KINDS[kind](chip, options);
}
