// A Raspberry Pi Pico without a head: the chip of rp2040js with the peripherals that it lacks or
// has too coarsely, in virtual time, the same run for the same seed.
import { BasePeripheral, ConsoleLogger, LogLevel, RP2040, SimulationClock } from "./rp2040js.mjs";
import { bootrom } from "./rp2040js.mjs";
import { Core } from "./core.mjs";
import { FlashChip, FlashSSI, PowerCut, QspiIO } from "./flash.mjs";
import { FLASH_BYTES, load } from "./image.mjs";
import { Pads } from "./pads.mjs";
import { PioClock } from "./pio.mjs";
import { StillPwm, pwmLevel } from "./pwm.mjs";
import { random } from "./random.mjs";
import { Uart } from "./uart.mjs";
import { SerialLine } from "./usb.mjs";

const FLASH_XIP = 0x10000000;
const IDLE_NS = 1e6; // longest step of sleep
const IDLE_COST = 20; // what a step of sleep counts in instructions
const LONGEST_CYCLES = 20000; // without a look at the serial line

/** Registers that only keep what is written. */
class Still extends BasePeripheral {
  constructor(rp, name, registers = {}, reads = {}) {
    super(rp, name);
    this.registers = registers;
    this.reads = reads;
  }

  readUint32(offset) {
    return this.reads[offset]?.() ?? this.registers[offset] ?? 0;
  }

  writeUint32(offset, value) {
    this.registers[offset] = value;
  }
}

export class Chip {
  /**
   * image: a UF2 or binary file. seed: of the ring oscillator's random bits, the flash's number,
   * where a power cut strikes and what parts have of chance. files: the file system's blocks, null: blank.
   */
  constructor({ image, seed = 1, files = null }) {
    this.seed = seed;
    this.random = random(seed);
    const bytes = new Uint8Array(FLASH_BYTES).fill(0xff);
    load(image, bytes);
    if (files) bytes.set(files, FLASH_BYTES - files.length);
    this.flash = new FlashChip(bytes, this.random);
    this.pads = new Pads(30, () => this.nanos);
    this.adcMv = [0, 0, 0, 0]; // GPIO 26 to 29: millivolts, or a function that gives them
    this.adcMv[3] = 1667; // VSYS / 3
    this.celsius = 27;
    this.uartHooks = [null, null]; // fn(byte): what the board sends
    this.usb = new SerialLine((data) => this.onSerial(data));
    this.onSerial = () => {};
    this.onReset = () => {};
    this.parts = []; // fn(): called after each boot, for what hangs on the chip's inside
    this.events = []; // of the world, by time: [nanos, fn]
    this.before = 0; // nanoseconds of the boots before this one
    this.instructions = 0;
    this.powered = false;
    this.powerOn();
  }

  /** Virtual nanoseconds since the first power-on; goes on across resets. */
  get nanos() {
    return this.before + (this.clock?.nanosCounter ?? 0);
  }

  /** 0, 1, or null while nobody drives the pin. */
  level(pin) {
    if (!this.powered) return this.pads.pads[pin].driven;
    return pwmLevel(this.rp, pin) ?? this.pads.levelOf(pin);
  }

  powerOn() {
    this.powered = true;
    this.boot(0, null);
  }

  powerOff() {
    this.powered = false;
    this.before = this.nanos;
    this.clock = null;
    this.pads.gpio = null;
  }

  /** Call fn at that time of `nanos`. */
  at(nanos, fn) {
    let i = this.events.length;
    while (i && this.events[i - 1][0] > nanos) i--;
    this.events.splice(i, 0, [nanos, fn]);
    if (i === 0) this.armWorld();
  }

  armWorld() {
    if (!this.powered) return;
    this.worldAlarm.cancel();
    if (this.events.length) {
      this.worldAlarm.schedule(Math.max(0, this.events[0][0] - this.nanos));
    }
  }

  worldEvent() {
    while (this.events.length && this.events[0][0] <= this.nanos + 1e-3) {
      this.events.shift()[1]();
    }
    this.armWorld();
  }

  /** A fresh chip, with the same flash and wiring. reason: as the watchdog's REASON register. */
  boot(reason, scratch) {
    this.before = this.nanos;
    this.clock = new SimulationClock();
    const rp = new RP2040(this.clock);
    this.rp = rp;
    rp.logger = new ConsoleLogger(LogLevel.Error, false);
    rp.core = new Core(rp, this.flash.bytes, (cycles) => this.sync(cycles));
    rp.onBreak = () => {};
    rp.loadBootrom(bootrom());
    rp.flash = this.flash.bytes;
    rp.flash16 = new Uint16Array(rp.flash.buffer);
    rp.flashView = new DataView(rp.flash.buffer);
    this.skipped = 0;
    const ssi = new FlashSSI(rp, this.flash, (ns) => {
      this.skipped += ns;
    });
    rp.peripherals[0x18000] = ssi;
    rp.peripherals[0x40018] = new QspiIO(rp, ssi);
    rp.peripherals[0x14000] ??= new Still(rp, "XIP_CTRL");
    const randomBit = () => (this.random() < 0.5 ? 0 : 1);
    rp.peripherals[0x40060] = new Still(rp, "ROSC", { 0x18: 0x80001000 }, { 0x1c: randomBit });
    const porReset = reason ? 0 : 0x100;
    rp.peripherals[0x40064] = new Still(rp, "VREG_AND_CHIP_RESET", { 8: porReset });
    for (const i of [0, 1]) {
      const stock = rp.uart[i];
      const uart = new Uart(rp, "UART" + i, stock.irq, stock.dreq);
      uart.onByte = (byte) => this.uartHooks[i]?.(byte);
      rp.uart[i] = rp.peripherals[i ? 0x40038 : 0x40034] = uart;
    }
    this.attachAdc(rp);
    this.attachWatchdog(rp, reason, scratch);
    this.pio = new PioClock(rp);
    this.worldAlarm = this.clock.createAlarm(() => this.worldEvent());
    this.pwm = new StillPwm(rp);
    this.pads.onLook = (pin, looked) => {
      // The slice's other pin may be looked at too: pins 16 apart share a slice, as neighbours do.
      const slice = [pin & ~1, pin | 1, (pin ^ 16) & ~1, (pin ^ 16) | 1].filter((n) => n < 30);
      if (looked) this.pwm.watch(pin);
      else if (!slice.some((n) => this.pads.isLookedAt(n))) this.pwm.unwatch(pin);
    };
    this.pads.attach(rp);
    this.usb.attach(rp);
    for (const part of this.parts) part();
    this.armWorld();
    rp.core.PC = FLASH_XIP; // where the boot ROM ends: at the image's second stage
  }

  attachAdc(rp) {
    const { adc } = rp;
    adc.onADCRead = (channel) => {
      const source = this.adcMv[channel];
      const mv =
        channel === 4
          ? 706 - 1.721 * (this.celsius - 27)
          : typeof source === "function"
            ? source(this.nanos)
            : source;
      const raw = Math.round((mv * 4095) / 3300);
      adc.channelValues[channel] = Math.min(4095, Math.max(0, raw));
      adc.currentChannel = channel;
      adc.sampleAlarm.schedule(adc.sampleTime * 1000);
    };
  }

  attachWatchdog(rp, reason, scratch) {
    const watchdog = rp.peripherals[0x40058];
    watchdog.reason = reason;
    if (scratch) watchdog.scratchData.set(scratch);
    watchdog.onWatchdogTrigger = () => {
      watchdog.alarm.enable = false;
      watchdog.timer.enable = false;
      this.resetAs = [watchdog.reason, watchdog.scratchData.slice()];
    };
  }

  /** Let the chip run until `nanos`, or for that many instructions; tells whether it got there. */
  run(nanos, instructions = Infinity) {
    if (!this.powered) {
      this.before = nanos;
      return true;
    }
    try {
      return this.runOn(nanos, instructions);
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.powerOff();
      this.onReset("power_cut");
      return true;
    }
  }

  runOn(nanos, instructions) {
    this.usb.pump();
    let end = this.instructions + instructions;
    for (;;) {
      const { core } = this.rp;
      const { clock } = this;
      const left = nanos - this.before - clock.nanosCounter;
      if (left <= 0) return true;
      if (this.instructions >= end) return false;
      let step = Math.min(left, this.pio.untilDue(clock.nanosCounter));
      if (clock.nextAlarm) step = Math.min(step, Math.max(0, clock.nanosToNextAlarm));
      if (core.waiting) {
        this.pass(Math.min(step, IDLE_NS));
        end -= IDLE_COST;
        this.usb.pump();
      } else {
        const cycleNs = 1e9 / this.rp.clkSys;
        const before = core.count;
        const budget = Math.min(LONGEST_CYCLES, Math.max(1, Math.ceil(step / cycleNs)));
        this.sync(core.execute(budget));
        this.instructions += core.count - before;
      }
      if (this.resetAs) {
        const [reason, scratch] = this.resetAs;
        this.resetAs = null;
        this.boot(reason, scratch);
        this.onReset(reason === 1 ? "watchdog" : "forced");
      }
    }
  }

  /** The processor has used that many cycles, and what the flash made it wait. */
  sync(cycles) {
    const ns = (cycles * 1e9) / this.rp.clkSys + this.skipped;
    this.skipped = 0;
    this.pass(ns);
  }

  /** Time goes on, by a long wait for the flash too: PIO does its steps in it, each at its time. */
  pass(ns) {
    const { clock, pio } = this;
    while (pio.running) {
      const due = pio.untilDue(clock.nanosCounter);
      if (due >= ns) break;
      clock.tick(due);
      ns -= due;
      pio.run(clock.nanosCounter);
    }
    clock.tick(ns);
    if (pio.running) pio.run(clock.nanosCounter);
  }
}
