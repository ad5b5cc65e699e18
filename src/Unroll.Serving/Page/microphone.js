// In the browser's audio thread: gathers what the microphone hears and sends it on in pieces.
const size = 1024;

registerProcessor('pieces', class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Float32Array(size);
    this.count = 0;
  }

  process([[channel]]) {
    for (const value of channel ?? []) {
      this.piece[this.count++] = value;
      if (this.count < size) continue;
      this.port.postMessage(this.piece.slice());
      this.count = 0;
    }
    return true;
  }
});
