// The Cortex-M0+ again, about four times as fast as rp2040js has it: instructions are found by
// table, RAM and flash are typed arrays, and the world outside (alarms, interrupts, PIO) is looked
// at when it can have changed, not after each instruction. Exceptions and their stacks stay
// rp2040js's. Cycles: Cortex-M0+ Technical Reference Manual, table 3-1; single-cycle multiplier;
// no wait for flash.
import { OPS, TABLE } from "./decode.mjs";
import { CortexM0Core } from "./rp2040js.mjs";

const RAM = 0x20000000;
const RAM_BYTES = 264 * 1024;
const FLASH = 0x10000000;
const ROM_BYTES = 16384;
const PC = 15;
const LR = 14;
const SP = 13;

const {
  LSL_I, LSR_I, ASR_I, ADD_R, SUB_R, ADD_I3, SUB_I3, MOV_I, CMP_I, ADD_I8, SUB_I8, AND, EOR, LSL_R,
  LSR_R, ASR_R, ADC, SBC, ROR, TST, RSB, CMP_R, CMN, ORR, MUL, BIC, MVN, ADD_HI, CMP_HI, MOV_HI,
  BX, BLX, LDR_LIT, STR_R, STRH_R, STRB_R, LDRSB, LDR_R, LDRH_R, LDRB_R, LDRSH, STR_I, LDR_I,
  STRB_I, LDRB_I, STRH_I, LDRH_I, STR_SP, LDR_SP, ADR, ADD_RSP, ADD_SP, SUB_SP, SXTH, SXTB, UXTH,
  UXTB, PUSH, CPSIE, CPSID, REV, REV16, REVSH, POP, BKPT, WFE, WFI, SEV, NOP, STM, LDM, SVC,
  B_COND, B, WIDE,
} = OPS;

export class Core extends CortexM0Core {
  /** sync(cycles): lets the clock go on by that much, before a peripheral is touched. */
  constructor(rp, flash, sync) {
    super(rp);
    this.sync = sync;
    this.R = new Int32Array(this.registers.buffer);
    this.ram8 = rp.sram;
    this.ram16 = new Uint16Array(rp.sram.buffer);
    this.ram32 = new Int32Array(rp.sram.buffer);
    this.flash8 = flash;
    this.flash16 = new Uint16Array(flash.buffer);
    this.flash32 = new Int32Array(flash.buffer);
    this.flashMask = flash.length - 1;
    this.rom32 = new Int32Array(rp.bootrom.buffer);
    this.rom16 = new Uint16Array(rp.bootrom.buffer);
    this.nz = 1; // the last result: its sign is N, its being 0 is Z
    this.c = 0;
    this.v = 0;
    this.spent = 0; // cycles of this execute() that the clock has not seen
    this.limit = 0; // 0: leave execute()
    this.count = 0; // instructions ever
  }

  get APSR() {
    return (this.nz & 0x80000000) | (this.nz ? 0 : 1 << 30) | (this.c << 29) | (this.v << 28);
  }

  set APSR(value) {
    this.nz = value & 0x40000000 ? 0 : value & 0x80000000 ? -1 : 1;
    this.c = (value >>> 29) & 1;
    this.v = (value >>> 28) & 1;
  }

  // ---- memory

  /** Cycles that an access to a peripheral takes beyond the first, and the clock up to now. */
  touch(address, apb) {
    this.sync(this.spent);
    this.spent = 0;
    this.limit = 0;
    const area = address >>> 28;
    return area === 0xd ? 0 : area === 4 ? apb : 1;
  }

  load32(address) {
    const at = (address - RAM) >>> 0;
    if (at < RAM_BYTES && !(address & 3)) {
      this.spent++;
      return this.ram32[at >> 2];
    }
    if (address >>> 24 === 0x10 && !(address & 3)) {
      this.spent++;
      return this.flash32[(address & this.flashMask) >> 2];
    }
    if (address >>> 0 < ROM_BYTES && !(address & 3)) {
      this.spent++;
      return this.rom32[address >> 2];
    }
    this.aligned(address, 3);
    const cycles = this.touch(address, 3);
    const value = this.rp2040.readUint32(address >>> 0);
    this.spent += cycles;
    return value | 0;
  }

  load16(address) {
    const at = (address - RAM) >>> 0;
    if (at < RAM_BYTES && !(address & 1)) {
      this.spent++;
      return this.ram16[at >> 1];
    }
    if (address >>> 24 === 0x10 && !(address & 1)) {
      this.spent++;
      return this.flash16[(address & this.flashMask) >> 1];
    }
    this.aligned(address, 1);
    const cycles = this.touch(address, 3);
    const value = this.rp2040.readUint16(address >>> 0);
    this.spent += cycles;
    return value;
  }

  load8(address) {
    const at = (address - RAM) >>> 0;
    if (at < RAM_BYTES) {
      this.spent++;
      return this.ram8[at];
    }
    if (address >>> 24 === 0x10) {
      this.spent++;
      return this.flash8[address & this.flashMask];
    }
    const cycles = this.touch(address, 3);
    const value = this.rp2040.readUint8(address >>> 0);
    this.spent += cycles;
    return value;
  }

  store32(address, value) {
    const at = (address - RAM) >>> 0;
    if (at < RAM_BYTES && !(address & 3)) {
      this.spent++;
      this.ram32[at >> 2] = value;
      return;
    }
    this.aligned(address, 3);
    const cycles = this.touch(address, 4);
    this.rp2040.writeUint32(address >>> 0, value >>> 0);
    this.spent += cycles;
  }

  store16(address, value) {
    const at = (address - RAM) >>> 0;
    if (at < RAM_BYTES && !(address & 1)) {
      this.spent++;
      this.ram16[at >> 1] = value;
      return;
    }
    this.aligned(address, 1);
    const cycles = this.touch(address, 4);
    this.rp2040.writeUint16(address >>> 0, value & 0xffff);
    this.spent += cycles;
  }

  store8(address, value) {
    const at = (address - RAM) >>> 0;
    if (at < RAM_BYTES) {
      this.spent++;
      this.ram8[at] = value;
      return;
    }
    const cycles = this.touch(address, 4);
    this.rp2040.writeUint8(address >>> 0, value & 0xff);
    this.spent += cycles;
  }

  aligned(address, mask) {
    if (address & mask) {
      const where = (this.R[PC] >>> 0).toString(16);
      throw new Error(`unaligned access to ${(address >>> 0).toString(16)} near ${where}`);
    }
  }

  fetch(pc) {
    if (pc >>> 24 === 0x10) return this.flash16[(pc & this.flashMask) >> 1];
    const at = (pc - RAM) >>> 0;
    if (at < RAM_BYTES) return this.ram16[at >> 1];
    if (pc >>> 0 < ROM_BYTES) return this.rom16[pc >> 1];
    throw new Error(`the program ran off to ${(pc >>> 0).toString(16)}`);
  }

  // ---- arithmetic

  add(a, b) {
    const result = (a + b) | 0;
    this.nz = result;
    this.c = result >>> 0 < a >>> 0 ? 1 : 0;
    this.v = ((a ^ result) & (b ^ result)) >>> 31;
    return result;
  }

  addWithCarry(a, b) {
    const sum = (a >>> 0) + (b >>> 0) + this.c;
    const result = sum | 0;
    this.nz = result;
    this.c = sum > 0xffffffff ? 1 : 0;
    this.v = ((a ^ result) & (b ^ result)) >>> 31;
    return result;
  }

  sub(a, b) {
    const result = (a - b) | 0;
    this.nz = result;
    this.c = a >>> 0 >= b >>> 0 ? 1 : 0;
    this.v = ((a ^ b) & (a ^ result)) >>> 31;
    return result;
  }

  shiftByRegister(op, value, by) {
    if (by === 0) {
      this.nz = value;
      return value;
    }
    let result;
    if (op === ROR) {
      const turn = by & 31;
      result = turn ? (value >>> turn) | (value << (32 - turn)) : value;
      this.c = result >>> 31;
    } else if (op === LSL_R) {
      result = by < 32 ? value << by : 0;
      this.c = by <= 32 ? (value >>> (32 - by)) & 1 : 0;
    } else if (op === LSR_R) {
      result = by < 32 ? value >>> by : 0;
      this.c = by <= 32 ? (value >>> (by - 1)) & 1 : 0;
    } else {
      const least = by < 32 ? by : 32;
      result = least < 32 ? value >> least : value >> 31;
      this.c = (value >> (least - 1)) & 1;
    }
    this.nz = result | 0;
    return result;
  }

  condition(number) {
    switch (number) {
      case 0:
        return this.nz === 0;
      case 1:
        return this.nz !== 0;
      case 2:
        return this.c === 1;
      case 3:
        return this.c === 0;
      case 4:
        return this.nz < 0;
      case 5:
        return this.nz >= 0;
      case 6:
        return this.v === 1;
      case 7:
        return this.v === 0;
      case 8:
        return this.c === 1 && this.nz !== 0;
      case 9:
        return this.c === 0 || this.nz === 0;
      case 10:
        return (this.nz < 0 ? 1 : 0) === this.v;
      case 11:
        return (this.nz < 0 ? 1 : 0) !== this.v;
      case 12:
        return this.nz !== 0 && (this.nz < 0 ? 1 : 0) === this.v;
      default:
        return this.nz === 0 || (this.nz < 0 ? 1 : 0) !== this.v;
    }
  }

  // ---- several registers

  push(word) {
    const { R } = this;
    let address = R[SP];
    if (word & 0x100) {
      address -= 4;
      this.store32(address, R[LR]);
    }
    for (let i = 7; i >= 0; i--) {
      if (word & (1 << i)) {
        address -= 4;
        this.store32(address, R[i]);
      }
    }
    R[SP] = address;
  }

  /** Gives the new program counter. */
  pop(word, pc) {
    const { R } = this;
    let address = R[SP];
    for (let i = 0; i < 8; i++) {
      if (word & (1 << i)) {
        R[i] = this.load32(address);
        address += 4;
      }
    }
    if (!(word & 0x100)) {
      R[SP] = address;
      return pc;
    }
    const target = this.load32(address);
    R[SP] = address + 4;
    this.spent += 2;
    return this.exchange(target);
  }

  loadMany(word) {
    const { R } = this;
    const base = (word >> 8) & 7;
    let address = R[base];
    for (let i = 0; i < 8; i++) {
      if (word & (1 << i)) {
        R[i] = this.load32(address);
        address += 4;
      }
    }
    if (!(word & (1 << base))) R[base] = address;
  }

  storeMany(word) {
    const { R } = this;
    const base = (word >> 8) & 7;
    let address = R[base];
    for (let i = 0; i < 8; i++) {
      if (word & (1 << i)) {
        this.store32(address, R[i]);
        address += 4;
      }
    }
    R[base] = address;
  }

  /** Where BX and POP go on: an address, or out of an exception. */
  exchange(target) {
    if (target >>> 28 === 0xf && this.IPSR) {
      this.exceptionReturn(target & 0x0fffffff);
      this.limit = 0;
      return this.R[PC];
    }
    return target & ~1;
  }

  /** A 32-bit instruction; gives the new program counter. */
  wide(word, pc) {
    const second = this.fetch(pc);
    const { R } = this;
    if ((second & 0xd000) === 0xd000) {
      const sign = (word >> 10) & 1;
      const i1 = 1 - (sign ^ ((second >> 13) & 1));
      const i2 = 1 - (sign ^ ((second >> 11) & 1));
      const high = (sign ? 0xff000000 : 0) | (i1 << 23) | (i2 << 22) | ((word & 0x3ff) << 12);
      R[LR] = (pc + 2) | 1;
      this.spent += 2;
      return (pc + 2 + (high | ((second & 0x7ff) << 1))) | 0;
    }
    this.spent += 2;
    if (word === 0xf3ef) {
      R[(second >> 8) & 15] = this.readSpecialRegister(second & 0xff);
    } else if ((word & 0xfff0) === 0xf380) {
      this.writeSpecialRegister(second & 0xff, this.registers[word & 15]);
      this.limit = 0;
    } else if (word !== 0xf3bf) {
      this.unknown(word, pc);
    }
    return pc + 2;
  }

  unknown(word, pc) {
    const where = ((pc - 2) >>> 0).toString(16);
    throw new Error(`no instruction: ${word.toString(16)} at ${where}`);
  }

  /** One instruction, as rp2040js has it; gives its cycles. */
  executeInstruction() {
    return this.execute(1);
  }

  /** Run for about `budget` cycles, or until something outside may have changed; gives cycles that
   *  sync() has not been told of. */
  execute(budget) {
    if (this.interruptsUpdated && this.checkForInterrupts()) this.waiting = false;
    const { R, flash16, flashMask } = this;
    let pc = R[PC] & ~1;
    this.spent = 0;
    this.limit = budget;
    let count = 0;
    while (this.spent < this.limit) {
      const word =
        pc >>> 24 === 0x10 ? flash16[(pc & flashMask) >> 1] : this.fetch(pc);
      pc = (pc + 2) | 0;
      this.spent++;
      count++;
      switch (TABLE[word]) {
        case LSL_I: {
          const by = (word >> 6) & 31;
          const value = R[(word >> 3) & 7];
          if (by) this.c = (value >>> (32 - by)) & 1;
          this.nz = R[word & 7] = value << by;
          break;
        }
        case LSR_I: {
          const by = (word >> 6) & 31;
          const value = R[(word >> 3) & 7];
          this.c = (value >>> (by ? by - 1 : 31)) & 1;
          this.nz = R[word & 7] = (by ? value >>> by : 0) | 0;
          break;
        }
        case ASR_I: {
          const by = (word >> 6) & 31;
          const value = R[(word >> 3) & 7];
          this.c = (value >>> (by ? by - 1 : 31)) & 1;
          this.nz = R[word & 7] = value >> (by || 31);
          break;
        }
        case ADD_R:
          R[word & 7] = this.add(R[(word >> 3) & 7], R[(word >> 6) & 7]);
          break;
        case SUB_R:
          R[word & 7] = this.sub(R[(word >> 3) & 7], R[(word >> 6) & 7]);
          break;
        case ADD_I3:
          R[word & 7] = this.add(R[(word >> 3) & 7], (word >> 6) & 7);
          break;
        case SUB_I3:
          R[word & 7] = this.sub(R[(word >> 3) & 7], (word >> 6) & 7);
          break;
        case MOV_I:
          this.nz = R[(word >> 8) & 7] = word & 0xff;
          break;
        case CMP_I:
          this.sub(R[(word >> 8) & 7], word & 0xff);
          break;
        case ADD_I8: {
          const register = (word >> 8) & 7;
          R[register] = this.add(R[register], word & 0xff);
          break;
        }
        case SUB_I8: {
          const register = (word >> 8) & 7;
          R[register] = this.sub(R[register], word & 0xff);
          break;
        }
        case AND:
          this.nz = R[word & 7] &= R[(word >> 3) & 7];
          break;
        case EOR:
          this.nz = R[word & 7] ^= R[(word >> 3) & 7];
          break;
        case LSL_R:
        case LSR_R:
        case ASR_R:
        case ROR:
          R[word & 7] = this.shiftByRegister(
            TABLE[word],
            R[word & 7],
            R[(word >> 3) & 7] & 0xff,
          );
          break;
        case ADC:
          R[word & 7] = this.addWithCarry(R[word & 7], R[(word >> 3) & 7]);
          break;
        case SBC:
          R[word & 7] = this.addWithCarry(R[word & 7], ~R[(word >> 3) & 7]);
          break;
        case TST:
          this.nz = R[word & 7] & R[(word >> 3) & 7];
          break;
        case RSB:
          R[word & 7] = this.sub(0, R[(word >> 3) & 7]);
          break;
        case CMP_R:
          this.sub(R[word & 7], R[(word >> 3) & 7]);
          break;
        case CMN:
          this.add(R[word & 7], R[(word >> 3) & 7]);
          break;
        case ORR:
          this.nz = R[word & 7] |= R[(word >> 3) & 7];
          break;
        case MUL:
          this.nz = R[word & 7] = Math.imul(R[word & 7], R[(word >> 3) & 7]);
          break;
        case BIC:
          this.nz = R[word & 7] &= ~R[(word >> 3) & 7];
          break;
        case MVN:
          this.nz = R[word & 7] = ~R[(word >> 3) & 7];
          break;
        case ADD_HI: {
          const from = (word >> 3) & 15;
          const to = ((word >> 4) & 8) | (word & 7);
          const value = from === PC ? pc + 2 : R[from];
          if (to === PC) {
            pc = (pc + 2 + value) & ~1;
            this.spent++;
          } else {
            R[to] = to === SP ? (R[to] + value) & ~3 : R[to] + value;
          }
          break;
        }
        case CMP_HI:
          this.sub(R[((word >> 4) & 8) | (word & 7)], R[(word >> 3) & 15]);
          break;
        case MOV_HI: {
          const from = (word >> 3) & 15;
          const to = ((word >> 4) & 8) | (word & 7);
          const value = from === PC ? pc + 2 : R[from];
          if (to === PC) {
            pc = value & ~1;
            this.spent++;
          } else {
            R[to] = to === SP ? value & ~3 : value;
          }
          break;
        }
        case BX:
          R[PC] = pc;
          this.spent++;
          pc = this.exchange(R[(word >> 3) & 15]);
          break;
        case BLX: {
          const target = R[(word >> 3) & 15];
          R[LR] = pc | 1;
          pc = target & ~1;
          this.spent++;
          break;
        }
        case LDR_LIT:
          R[(word >> 8) & 7] = this.load32(((pc + 2) & ~3) + ((word & 0xff) << 2));
          break;
        case STR_R:
          this.store32(R[(word >> 3) & 7] + R[(word >> 6) & 7], R[word & 7]);
          break;
        case STRH_R:
          this.store16(R[(word >> 3) & 7] + R[(word >> 6) & 7], R[word & 7]);
          break;
        case STRB_R:
          this.store8(R[(word >> 3) & 7] + R[(word >> 6) & 7], R[word & 7]);
          break;
        case LDRSB:
          R[word & 7] = (this.load8(R[(word >> 3) & 7] + R[(word >> 6) & 7]) << 24) >> 24;
          break;
        case LDR_R:
          R[word & 7] = this.load32(R[(word >> 3) & 7] + R[(word >> 6) & 7]);
          break;
        case LDRH_R:
          R[word & 7] = this.load16(R[(word >> 3) & 7] + R[(word >> 6) & 7]);
          break;
        case LDRB_R:
          R[word & 7] = this.load8(R[(word >> 3) & 7] + R[(word >> 6) & 7]);
          break;
        case LDRSH:
          R[word & 7] = (this.load16(R[(word >> 3) & 7] + R[(word >> 6) & 7]) << 16) >> 16;
          break;
        case STR_I:
          this.store32(R[(word >> 3) & 7] + ((word >> 4) & 0x7c), R[word & 7]);
          break;
        case LDR_I:
          R[word & 7] = this.load32(R[(word >> 3) & 7] + ((word >> 4) & 0x7c));
          break;
        case STRB_I:
          this.store8(R[(word >> 3) & 7] + ((word >> 6) & 31), R[word & 7]);
          break;
        case LDRB_I:
          R[word & 7] = this.load8(R[(word >> 3) & 7] + ((word >> 6) & 31));
          break;
        case STRH_I:
          this.store16(R[(word >> 3) & 7] + ((word >> 5) & 62), R[word & 7]);
          break;
        case LDRH_I:
          R[word & 7] = this.load16(R[(word >> 3) & 7] + ((word >> 5) & 62));
          break;
        case STR_SP:
          this.store32(R[SP] + ((word & 0xff) << 2), R[(word >> 8) & 7]);
          break;
        case LDR_SP:
          R[(word >> 8) & 7] = this.load32(R[SP] + ((word & 0xff) << 2));
          break;
        case ADR:
          R[(word >> 8) & 7] = ((pc + 2) & ~3) + ((word & 0xff) << 2);
          break;
        case ADD_RSP:
          R[(word >> 8) & 7] = R[SP] + ((word & 0xff) << 2);
          break;
        case ADD_SP:
          R[SP] += (word & 0x7f) << 2;
          break;
        case SUB_SP:
          R[SP] -= (word & 0x7f) << 2;
          break;
        case SXTH:
          R[word & 7] = (R[(word >> 3) & 7] << 16) >> 16;
          break;
        case SXTB:
          R[word & 7] = (R[(word >> 3) & 7] << 24) >> 24;
          break;
        case UXTH:
          R[word & 7] = R[(word >> 3) & 7] & 0xffff;
          break;
        case UXTB:
          R[word & 7] = R[(word >> 3) & 7] & 0xff;
          break;
        case PUSH:
          this.push(word);
          break;
        case POP:
          R[PC] = pc;
          pc = this.pop(word, pc);
          break;
        case CPSIE:
          this.PM = false;
          this.interruptsUpdated = true;
          this.limit = 0;
          break;
        case CPSID:
          this.PM = true;
          break;
        case REV: {
          const value = R[(word >> 3) & 7];
          R[word & 7] =
            (value << 24) |
            ((value & 0xff00) << 8) |
            ((value >>> 8) & 0xff00) |
            (value >>> 24);
          break;
        }
        case REV16: {
          const value = R[(word >> 3) & 7];
          R[word & 7] = ((value & 0x00ff00ff) << 8) | ((value >>> 8) & 0x00ff00ff);
          break;
        }
        case REVSH: {
          const value = R[(word >> 3) & 7];
          R[word & 7] = ((((value & 0xff) << 8) | ((value >>> 8) & 0xff)) << 16) >> 16;
          break;
        }
        case WFE:
          this.spent++;
          if (this.eventRegistered) this.eventRegistered = false;
          else this.waiting = true;
          this.limit = 0;
          break;
        case WFI:
          this.spent++;
          this.waiting = true;
          this.limit = 0;
          break;
        case SEV:
          this.eventRegistered = true;
          break;
        case NOP:
          break;
        case STM:
          this.storeMany(word);
          break;
        case LDM:
          this.loadMany(word);
          break;
        case SVC:
          this.pendingSVCall = true;
          this.interruptsUpdated = true;
          this.limit = 0;
          break;
        case B_COND:
          if (this.condition((word >> 8) & 15)) {
            pc = (pc + 2 + ((word << 24) >> 23)) | 0;
            this.spent++;
          }
          break;
        case B:
          pc = (pc + 2 + ((word << 21) >> 20)) | 0;
          this.spent++;
          break;
        case WIDE:
          R[PC] = pc;
          pc = this.wide(word, pc);
          break;
        case BKPT:
          this.rp2040.onBreak(word & 0xff);
          break;
        default:
          this.unknown(word, pc);
      }
    }
    R[PC] = pc;
    this.count += count;
    return this.spent;
  }
}
