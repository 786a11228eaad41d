const WHO_AM_I = 0x0f;
const CTRL_1 = 0x20;
const STATUS = 0x27;
const OUT_X_L = 0x28;
const AUTO_INCREMENT = 0x80;
const READ_WRITE = 0x7f;
const ID = 0x33;
const NEW_DATA = 0x0f;
const COUNTS_PER_G = 16384; // left-aligned, +-2 g

/**
 * An ST LIS3DH accelerometer on an I2C bus: its registers, and x, y, z in g at the moment that
 * they are read. bus: 0 or 1; address: 0x18 or 0x19. (Data sheet rev. 2, chapters 6 and 8.)
 */
export class Lis3dh {
  constructor(chip, { bus = 0, address = 0x19 }) {
    Object.assign(this, { chip, bus, address, x: 0, y: 0, z: 1, absent: false });
    this.registers = new Uint8Array(128);
    this.registers[WHO_AM_I] = ID;
    this.registers[CTRL_1] = 0x07;
    chip.parts.push(() => this.attach());
    this.attach();
  }

  /** x, y, z in g; absent: it answers no more. */
  set(words) {
    Object.assign(this, words);
  }

  attach() {
    const i2c = this.chip.rp.i2c[this.bus];
    let pointer = null;
    i2c.onStart = () => {
      i2c.completeStart();
    };
    i2c.onConnect = (address, mode) => {
      if (mode === 0) pointer = null; // a write begins with the register's number
      i2c.completeConnect(address === this.address && !this.absent);
    };
    i2c.onWriteByte = (byte) => {
      if (pointer === null) pointer = byte;
      else {
        this.registers[pointer & READ_WRITE] = byte;
        pointer = this.after(pointer);
      }
      i2c.completeWrite(true);
    };
    i2c.onReadByte = () => {
      i2c.completeRead(this.read(pointer & READ_WRITE));
      pointer = this.after(pointer);
    };
    i2c.onStop = () => i2c.completeStop();
  }

  after(pointer) {
    return pointer & AUTO_INCREMENT ? AUTO_INCREMENT | ((pointer + 1) & READ_WRITE) : pointer;
  }

  read(register) {
    if (register === STATUS) return NEW_DATA;
    const place = register - OUT_X_L;
    if (place < 0 || place > 5) return this.registers[register];
    const g = [this.x, this.y, this.z][place >> 1];
    const counts = Math.max(-32768, Math.min(32767, Math.round(g * COUNTS_PER_G))) & 0xfff0;
    return place & 1 ? (counts >> 8) & 0xff : counts & 0xff;
  }
}
