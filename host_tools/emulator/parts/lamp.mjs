import { pwmOf } from "../pwm.mjs";

/**
 * A lamp with a PWM input and a photodiode that looks at it: its light as a voltage on the ADC.
 * pwm_pin; relay_pin: high cuts it off; sensor_pin (26 to 28), full_mv: what the diode gives at
 * full light. dead: it stays dark.
 */
export class PwmLamp {
  constructor(chip, { pwm_pin, relay_pin = null, sensor_pin = null, full_mv = 2500 }) {
    Object.assign(this, { chip, pwm_pin, relay_pin, full_mv, dead: false });
    if (sensor_pin !== null) chip.adcMv[sensor_pin - 26] = () => this.light * this.full_mv;
  }

  /** 0 to 1. A dimming input that floats or is steady low or high: full, off, full. */
  get light() {
    if (this.dead || !this.chip.powered) return 0;
    if (this.relay_pin !== null && this.chip.level(this.relay_pin) === 1) return 0;
    const pwm = pwmOf(this.chip.rp, this.pwm_pin);
    if (pwm) return pwm[1];
    return this.chip.level(this.pwm_pin) === 0 ? 0 : 1;
  }

  fail({ dead }) {
    this.dead = dead;
  }
}
