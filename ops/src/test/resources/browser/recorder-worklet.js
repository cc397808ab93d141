// Hands on what it hears, as `DeviceAudioTest` records it: first channel, 100 ms at a time.

class Recorder extends AudioWorkletProcessor {
  #heard = new Float32Array(4800);
  #length = 0;

  process([input]) {
    const samples = input[0];
    if (samples) {
      this.#heard.set(samples, this.#length);
      this.#length += samples.length;
      if (this.#length + samples.length > this.#heard.length) {
        this.port.postMessage(this.#heard.slice(0, this.#length));
        this.#length = 0;
      }
    }
    return true;
  }
}

registerProcessor('recorder', Recorder);
