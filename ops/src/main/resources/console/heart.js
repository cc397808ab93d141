// Makes a device's sound audible: its exact samples at its own rate, through a volume and nothing else.

import { Emitter } from './emitter.js';
import { SampleFormat } from './sbe.js';
import { Upsampler } from './upsample.js';

const TARGET_S = 0.18;
const MOST_S = 0.6;
/** Rates from here on are played by every browser. */
const COMMON_RATE = 8000;
const FULL_SCALE = {
  [SampleFormat.I16LE]: 32768, [SampleFormat.I24LE]: 8388608, [SampleFormat.I32LE]: 2147483648,
  [SampleFormat.F32LE]: 1, [SampleFormat.F64LE]: 1,
};

/** Plays one stream. Starts only from a user gesture. Event: `state` {playing, behindMs, underruns, skipped}. */
export class HeartSound extends Emitter {
  played = 0;
  underruns = 0;
  skipped = 0;
  playing = false;
  behindMs = 0;
  #context = null;
  #node = null;
  #gain = null;
  #volume = 1;
  #off = [];
  #upsampler = null;

  /** True while it was asked to play. */
  get active() {
    return this.#context !== null;
  }

  /**
   * Starts to play what arrives from now on.
   * @param {import('./remotestream.js').RemoteStream} stream
   * @throws {Error} when the browser has no audio context at the stream's rate
   */
  async start(stream) {
    await this.stop();
    const rate = stream.rate;
    const { context, multiple } = contextFor(Math.round(rate));
    this.#context = context;
    this.#upsampler = multiple > 1 ? new Upsampler(multiple) : null;
    await context.audioWorklet.addModule(new URL('./heart-worklet.js', import.meta.url).href);
    this.#node = new AudioWorkletNode(context, 'chevet-heart', {
      numberOfInputs: 0, outputChannelCount: [1],
      processorOptions: {
        target: Math.round(TARGET_S * rate * multiple), most: Math.round(MOST_S * rate * multiple),
      },
    });
    this.#gain = new GainNode(context, { gain: this.#volume });
    this.#node.connect(this.#gain).connect(context.destination);
    this.#node.port.onmessage = ({ data }) => {
      Object.assign(this, { played: data.played, underruns: data.underruns, skipped: data.skipped });
      this.playing = data.playing;
      const outputS = context.outputLatency || context.baseLatency || 0;
      this.behindMs = Math.round(1000 * (data.waiting / (rate * multiple) + outputS));
      this.emit('state', this);
    };
    this.#off = [
      stream.on('block', (block) => this.#feed(stream, block)),
      stream.on('gap', (gap) => this.#silence(gap)),
    ];
    await context.resume();
    this.emit('state', this);
  }

  /** Stops and frees the audio device. */
  async stop() {
    this.#off.forEach((off) => off());
    this.#off = [];
    const context = this.#context;
    this.#context = null;
    this.#node = null;
    this.playing = false;
    await context?.close();
    this.emit('state', this);
  }

  /** Volume, 1 = as recorded. */
  set volume(volume) {
    this.#volume = volume;
    if (this.#gain && this.#context) {
      this.#gain.gain.setTargetAtTime(volume, this.#context.currentTime, 0.02);
    }
  }

  #feed(stream, block) {
    if (block.samples === null) {
      this.#play(new Float32Array(block.sampleCount));
      return;
    }
    const channels = stream.channelCount;
    const full = FULL_SCALE[stream.info.sampleFormat] ?? 1;
    const samples = new Float32Array(block.sampleCount);
    for (let i = 0; i < samples.length; i++) {
      const raw = block.samples[i * channels];
      samples[i] = stream.isMissing(raw) ? 0 : raw / full;
    }
    this.#play(samples);
  }

  #silence(gap) {
    if (gap.fromSample !== null && gap.toSample !== null) {
      this.#play(new Float32Array(Math.min(gap.toSample - gap.fromSample, 48000)));
    }
  }

  #play(samples) {
    const ready = this.#upsampler ? this.#upsampler.push(samples) : samples;
    this.#node?.port.postMessage({ samples: ready }, [ready.buffer]);
  }
}

/**
 * A context at the device's rate: the only resampling is then the one towards the loudspeaker. Where the browser has
 * none that slow, the smallest whole multiple that every browser has.
 */
function contextFor(rate) {
  const latencyHint = 'interactive';
  try {
    return { context: new AudioContext({ sampleRate: rate, latencyHint }), multiple: 1 };
  } catch (error) {
    if (rate >= COMMON_RATE) {
      throw error;
    }
    const multiple = Math.ceil(COMMON_RATE / rate);
    return { context: new AudioContext({ sampleRate: rate * multiple, latencyHint }), multiple };
  }
}
