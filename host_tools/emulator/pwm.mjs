// The PWM: its registers' meaning without counting edges, and its edges only where one looks.
//
// A lamp's PWM makes three events a millisecond, which is most of an idle board's cost. A slice
// whose pins nobody probes makes none; what its pins do is worked out when it is asked.
const FUNCTION_PWM = 4;
const ENABLED = 1;
const PHASE_CORRECT = 2;
const INVERT = [4, 8];
const REGISTER_CC = 0x0c;

function sliceOf(rp, pin) {
  if (rp.gpio[pin].functionSelect !== FUNCTION_PWM) return null;
  const channel = rp.pwm.channels[(pin >> 1) & 7];
  return channel.csr & ENABLED ? channel : null;
}

function highPart(channel, pin) {
  const high = Math.min(1, (pin & 1 ? channel.alarmB : channel.alarmA).target / (channel.timer.top + 1));
  return channel.csr & INVERT[pin & 1] ? 1 - high : high;
}

/** [Hz, high part of the period, 0 to 1] of the PWM on a pin, or null if none runs there. */
export function pwmOf(rp, pin) {
  const channel = sliceOf(rp, pin);
  if (!channel) return null;
  const divider = channel.timer.prescaler * (channel.csr & PHASE_CORRECT ? 2 : 1);
  return [rp.clkSys / divider / (channel.timer.top + 1), highPart(channel, pin)];
}

/** The level of a pin that a PWM drives, at this moment; null if none does. */
export function pwmLevel(rp, pin) {
  const channel = sliceOf(rp, pin);
  if (!channel) return null;
  const below = channel.timer.counter < (pin & 1 ? channel.alarmB : channel.alarmA).target;
  return below !== !!(channel.csr & INVERT[pin & 1]) ? 1 : 0;
}

/** Keeps the slices still that nobody looks at. */
export class StillPwm {
  constructor(rp) {
    this.rp = rp;
    this.watched = new Set();
    for (const channel of rp.pwm.channels) {
      this.setEdges(channel, false);
      const write = channel.writeRegister.bind(channel);
      channel.writeRegister = (offset, value) => {
        write(offset, value);
        // CC and TOP count from the next wrap on: with no wrap to come, from now on.
        if (offset >= REGISTER_CC && !this.watched.has(channel)) channel.updateDoubleBuffered();
      };
    }
  }

  setEdges(channel, on) {
    channel.alarmA.enable = on;
    channel.alarmB.enable = on;
    channel.alarmBottom.enable = on;
  }

  /** Somebody looks at this pin from now on: its slice's edges are made. */
  watch(pin) {
    const channel = this.rp.pwm.channels[(pin >> 1) & 7];
    if (this.watched.has(channel)) return;
    this.watched.add(channel);
    channel.setA(channel.timer.counter < channel.alarmA.target);
    channel.setB(channel.timer.counter < channel.alarmB.target);
    this.setEdges(channel, true);
  }

  /** Nobody looks at any pin of that one's slice any more. */
  unwatch(pin) {
    const channel = this.rp.pwm.channels[(pin >> 1) & 7];
    this.watched.delete(channel);
    this.setEdges(channel, false);
    channel.updateDoubleBuffered();
  }
}
