// Parts that can be put on the pins, by the name that add_part has for them.
import { Button } from "./button.mjs";
import { DaliBus } from "./dali.mjs";
import { Ds18b20 } from "./ds18b20.mjs";
import { Gnss } from "./gnss.mjs";
import { HcSr04 } from "./hc_sr04.mjs";
import { HeapGauge } from "./heap.mjs";
import { PwmLamp } from "./lamp.mjs";
import { Ld2450 } from "./ld2450.mjs";
import { Lis3dh } from "./lis3dh.mjs";
import { Network } from "./network.mjs";
import { Ops243 } from "./ops243.mjs";
import { Sleep } from "./sleep.mjs";
import { Stream } from "./stream.mjs";
import { Sx1262 } from "./sx1262.mjs";

const KINDS = {
  button: Button,
  dali: DaliBus,
  ds18b20: Ds18b20,
  gnss: Gnss,
  hc_sr04: HcSr04,
  heap: HeapGauge,
  lamp: PwmLamp,
  ld2450: Ld2450,
  lis3dh: Lis3dh,
  network: Network,
  ops243: Ops243,
  sleep: Sleep,
  stream: Stream,
  sx1262: Sx1262,
};

/** Make a part on a chip's pins. */
export function makePart(kind, chip, options) {
  if (!(kind in KINDS)) throw new Error(`no part ${kind}: ${Object.keys(KINDS).join(", ")}`);
  return new KINDS[kind](chip, options);
}
