// Plays device samples: the audio context runs at the device's rate, and the jitter buffer follows the device's clock.

import { JitterBuffer } from './jitterbuffer.js';

const REPORT_EVERY = 16;

/**
 * Messages in: {samples: Float32Array}, {silence: count}, {ratio}: the device's rate by the context's clock, by its own
 * times, {wait}: seconds to hold back once, {reset: true}. Out: what was played and what is waiting.
 */
class HeartPlayer extends AudioWorkletProcessor {
  constructor(options) {
    super();
    // A test hands the rate over; in a worklet it is the context's.
    const { target, most, rate = globalThis.sampleRate ?? 4000 } = options.processorOptions;
    this.buffer = new JitterBuffer({ rate, targetS: target / rate, mostS: most / rate });
    this.blocks = 0;
    this.port.onmessage = (event) => this.take(event.data);
  }

  get played() {
    return this.buffer.played;
  }

  get underruns() {
    return this.buffer.underruns;
  }

  take(message) {
    if (message.reset) {
      this.buffer.reset();
    } else if (message.ratio !== undefined) {
      this.buffer.given = message.ratio;
    } else if (message.wait !== undefined) {
      this.buffer.wait(message.wait);
    } else {
      // A hole of the device is the same time of silence, so that the rhythm stays true.
      this.buffer.push(message.samples ?? new Float32Array(message.silence));
    }
  }

  process(_inputs, outputs) {
    const { buffer } = this;
    buffer.pull(outputs[0][0]);
    this.blocks += 1;
    if (this.blocks % REPORT_EVERY === 0) {
      this.port.postMessage({
        played: buffer.played, waiting: Math.round(buffer.waitingS * buffer.rate), came: buffer.came,
        contextS: (globalThis.currentTime ?? 0) + outputs[0][0].length / buffer.rate, underruns: buffer.underruns,
        skipped: buffer.skipped, silent: buffer.silent, playing: buffer.playing, ratio: buffer.ratio,
      });
    }
    return true;
  }
}

registerProcessor('chevet-heart', HeartPlayer);
