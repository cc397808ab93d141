// Plays device samples one for one: the audio context runs at the device's rate, nothing is processed here.

const REPORT_EVERY = 16;

/** Messages in: {samples: Float32Array}, {silence: count}, {reset: true}. Out: what was played and what is waiting. */
class HeartPlayer extends AudioWorkletProcessor {
  constructor(options) {
    super();
    const { target, most } = options.processorOptions;
    this.target = target;
    this.most = most;
    this.queue = [];
    this.offset = 0;
    this.waiting = 0;
    this.playing = false;
    this.played = 0;
    this.underruns = 0;
    this.skipped = 0;
    this.blocks = 0;
    this.port.onmessage = (event) => this.take(event.data);
  }

  take(message) {
    if (message.reset) {
      this.queue = [];
      this.offset = 0;
      this.waiting = 0;
      this.playing = false;
      return;
    }
    // A hole of the device is the same time of silence, so that the rhythm stays true.
    const samples = message.samples ?? new Float32Array(message.silence);
    this.queue.push(samples);
    this.waiting += samples.length;
    if (this.waiting > this.most) {
      this.drop(this.waiting - this.target);
    }
  }

  drop(count) {
    this.skipped += count;
    let left = count;
    while (left > 0 && this.queue.length > 0) {
      const step = Math.min(left, this.queue[0].length - this.offset);
      this.advance(step);
      left -= step;
    }
  }

  advance(step) {
    this.offset += step;
    this.waiting -= step;
    if (this.offset >= this.queue[0].length) {
      this.queue.shift();
      this.offset = 0;
    }
  }

  process(_inputs, outputs) {
    const out = outputs[0][0];
    if (!this.playing && this.waiting >= this.target) {
      this.playing = true;
    }
    let at = 0;
    while (this.playing && at < out.length && this.queue.length > 0) {
      const step = Math.min(out.length - at, this.queue[0].length - this.offset);
      out.set(this.queue[0].subarray(this.offset, this.offset + step), at);
      at += step;
      this.advance(step);
    }
    this.played += at;
    if (this.playing && at < out.length) {
      this.playing = false;
      this.underruns += 1;
    }
    this.blocks += 1;
    if (this.blocks % REPORT_EVERY === 0) {
      this.port.postMessage({
        played: this.played, waiting: this.waiting, underruns: this.underruns, skipped: this.skipped,
        playing: this.playing,
      });
    }
    return true;
  }
}

registerProcessor('chevet-heart', HeartPlayer);
