// The two PIO blocks in virtual time. rp2040js steps them by a timer of the host; here each state
// machine steps at its own clock, and a machine that waits for something costs nothing.

const NEVER = Infinity;

export class PioClock {
  constructor(rp) {
    this.rp = rp;
    for (const pio of rp.pio) {
      pio.run = () => {};
      for (const machine of pio.machines) {
        machine.due = 0; // when its next instruction begins
        machine.parked = true; // it waited when it was last looked at
        let enabled = false;
        Object.defineProperty(machine, "enabled", {
          get: () => enabled,
          set(on) {
            machine.parked ||= on && !enabled; // it begins now, not when it was stopped
            enabled = on;
          },
        });
        machine.clkDivRestart = () => {};
      }
    }
  }

  get running() {
    const [a, b] = this.rp.pio;
    return !(a.stopped && b.stopped);
  }

  /** Nanoseconds from `now` to the next instruction of any machine. */
  untilDue(now) {
    let due = NEVER;
    for (const pio of this.rp.pio) {
      if (pio.stopped) continue;
      for (const machine of pio.machines) {
        if (machine.enabled && !machine.waiting && machine.due < due) due = machine.due;
      }
    }
    return Math.max(0, due - now);
  }

  /** Step every machine up to `now`. */
  run(now) {
    const cycleNs = 1e9 / this.rp.clkSys;
    for (const pio of this.rp.pio) {
      if (pio.stopped) continue;
      for (const machine of pio.machines) {
        if (!machine.enabled || machine.waiting) {
          machine.parked = true;
          continue;
        }
        if (machine.parked) {
          machine.parked = false;
          machine.due = Math.max(machine.due, now);
        }
        const tick = cycleNs * ((machine.clockDivInt || 65536) + (machine.clockDivFrac ?? 0) / 256);
        while (machine.due <= now && machine.enabled) {
          const { cycles } = machine;
          machine.step();
          machine.due += Math.max(1, machine.cycles - cycles) * tick;
          pio.checkChangedPins();
          machine.parked = machine.waiting;
          if (machine.parked) break;
        }
      }
      pio.checkChangedPins();
    }
  }
}
