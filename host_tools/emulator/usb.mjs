// The USB serial line (CDC) of a board: its host's side.
import { USBCDC } from "./rp2040js.mjs";

const FIFO_ROOM = 448; // of USBCDC's 512 bytes

export class SerialLine {
  /** onData(bytes): the board wrote. */
  constructor(onData) {
    this.onData = onData;
    this.waiting = []; // bytes for the board
    this.connected = false;
  }

  attach(rp) {
    const controller = rp.usbCtrl;
    this.cdc = new USBCDC(controller);
    this.connected = false;
    this.askedFor = null;
    this.cdc.onDeviceConnected = () => {
      this.connected = true;
    };
    this.cdc.onSerialData = (bytes) => this.onData(bytes);
    // rp2040js answers an idle OUT endpoint with empty packets for ever, an interrupt each. A host
    // with nothing to send does not answer: so does this, until there is something.
    this.answer = controller.onEndpointRead;
    controller.onEndpointRead = (endpoint, size) => {
      if (endpoint === this.cdc.outEndpoint && this.cdc.txFIFO.empty) {
        this.askedFor = [endpoint, size];
      } else {
        this.answer(endpoint, size);
      }
    };
  }

  write(bytes) {
    for (const byte of bytes) this.waiting.push(byte);
  }

  /** Hand waiting bytes over, as far as there is room; called now and then while the chip runs. */
  pump() {
    if (!this.waiting.length && !this.askedFor) return;
    const fifo = this.cdc.txFIFO;
    while (this.waiting.length && fifo.itemCount < FIFO_ROOM) {
      this.cdc.sendSerialByte(this.waiting.shift());
    }
    if (this.askedFor && !fifo.empty) {
      const [endpoint, size] = this.askedFor;
      this.askedFor = null;
      this.answer(endpoint, size);
    }
  }
}
