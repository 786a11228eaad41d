// A board that runs by itself, its USB line on a TCP port (mpremote connect socket://...). Virtual
// time keeps pace with real time, or runs as fast as it can while somebody waits for it.
import net from "node:net";

const SLICE_NS = 2e6;
const FALL_BACK_MS = 200; // behind by more, it does not try to catch up

export class FreeRun {
  constructor(chip) {
    this.chip = chip;
    this.running = false;
    this.client = null;
  }

  /** Listen on a port of 127.0.0.1 (0: any) and run; `told(port)` once it listens. */
  start(port, told) {
    this.running = true;
    this.chip.onSerial = (bytes) => this.client?.write(Buffer.from(bytes));
    this.server = net.createServer((socket) => this.serve(socket));
    this.server.listen(port, "127.0.0.1", () => told(this.server.address().port));
    this.since();
    this.loop();
  }

  serve(socket) {
    this.client?.destroy();
    this.client = socket;
    socket.setNoDelay(true);
    socket.on("data", (data) => this.chip.usb.write(data));
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.client === socket) this.client = null;
    });
  }

  since() {
    this.realStart = performance.now();
    this.virtualStart = this.chip.nanos;
  }

  loop() {
    if (!this.running) return;
    const real = performance.now() - this.realStart;
    const ahead = (this.chip.nanos - this.virtualStart) / 1e6 - real;
    if (ahead > 1) {
      setTimeout(() => this.loop(), Math.min(ahead, 10));
      return;
    }
    if (ahead < -FALL_BACK_MS) this.since();
    this.chip.run(this.chip.nanos + SLICE_NS);
    setImmediate(() => this.loop());
  }

  stop() {
    this.running = false;
    this.client?.destroy();
    this.server.close();
  }
}
