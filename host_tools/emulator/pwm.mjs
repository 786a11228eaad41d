// The PWM as its registers have it: what reaches a filter, without counting edges.
const FUNCTION_PWM = 4;
const ENABLED = 1;
const PHASE_CORRECT = 2;
const INVERT = [4, 8];

/** [Hz, high part of the period, 0 to 1] of the PWM on a pin, or null if none runs there. */
export function pwmOf(rp, pin) {
  if (rp.gpio[pin].functionSelect !== FUNCTION_PWM) return null;
  const channel = rp.pwm.channels[(pin >> 1) & 7];
  if (!(channel.csr & ENABLED)) return null;
  const period = channel.timer.top + 1;
  const alarm = pin & 1 ? channel.alarmB : channel.alarmA;
  const high = Math.min(1, alarm.target / period);
  const divider = channel.timer.prescaler * (channel.csr & PHASE_CORRECT ? 2 : 1);
  return [rp.clkSys / divider / period, channel.csr & INVERT[pin & 1] ? 1 - high : high];
}
