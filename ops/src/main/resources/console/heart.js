// Makes a device's sound audible: its exact samples at its own rate, through a volume and nothing else.

import { Emitter } from './emitter.js';
import { RateMeter } from './ratemeter.js';
import { SampleFormat } from './sbe.js';
import { Upsampler } from './upsample.js';

const TARGET_S = 0.22;
const MOST_S = 1;
/** The sound is held back for others at most this often. */
const WAIT_PERIOD_MS = 15_000;
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
  /** Of silence where nothing was there in time, in samples of the context. */
  silent = 0;
  /** The device's rate by the context's clock, 1 = as they both say. */
  ratio = 1;
  /** What is played. @type {import('./remotestream.js').RemoteStream|null} */
  stream = null;
  /** What is heard when: {sample, relayS}; null while nothing plays. */
  place = null;
  #nowS;
  #context = null;
  #node = null;
  #gain = null;
  #volume = 1;
  #off = [];
  #upsampler = null;
  #head = 0;
  /** Samples that were handed to the player, of the context's rate. */
  #handed = 0;
  #device = new RateMeter();
  #output = new RateMeter();
  #waitedMs = -WAIT_PERIOD_MS;

  /** @param {() => number} [nowS] relay time in seconds */
  constructor(nowS = () => performance.now() / 1000) {
    super();
    this.#nowS = nowS;
  }

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
    this.stream = stream;
    this.#handed = 0;
    this.#device = new RateMeter();
    this.#output = new RateMeter();
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
      Object.assign(this, { playing: data.playing, silent: data.silent, ratio: data.ratio });
      const outputS = context.outputLatency || context.baseLatency || 0;
      this.behindMs = Math.round(1000 * (data.waiting / (rate * multiple) + outputS));
      this.place = data.playing ? this.#placeOf(data, multiple, outputS) : null;
      this.#tellRate();
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
    this.place = null;
    this.stream = null;
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

  /** Holds the sound back for others that are slower: once, as silence, and not often. */
  wait(seconds) {
    const nowMs = performance.now();
    if (this.playing && nowMs - this.#waitedMs > WAIT_PERIOD_MS) {
      this.#waitedMs = nowMs;
      this.#node?.port.postMessage({ wait: seconds });
    }
  }

  /** Which sample leaves the loudspeaker when; what was under way to the player is not there yet. */
  #placeOf({ waiting, came, contextS }, multiple, outputS) {
    const held = multiple > 1 ? Upsampler.held : 0;
    const stamp = this.#context?.getOutputTimestamp?.();
    const inS = stamp?.performanceTime > 0 && stamp.contextTime > 0
      ? (stamp.performanceTime - performance.now()) / 1000 + contextS - stamp.contextTime : outputS;
    return { sample: this.#head - held - (this.#handed - came + waiting) / multiple, relayS: this.#nowS() + inS };
  }

  /** The device's rate by its own times, and that of the context by the page's clock. */
  #tellRate() {
    const stamp = this.#context?.getOutputTimestamp?.();
    if (stamp?.performanceTime > 0 && stamp.contextTime > 0) {
      this.#output.add(stamp.performanceTime / 1000, stamp.contextTime);
    }
    const device = this.#device.ratio;
    if (device !== null) {
      this.#node?.port.postMessage({ ratio: device / (this.#output.ratio ?? 1) });
    }
  }

  #feed(stream, block) {
    this.#head = block.firstSample + block.sampleCount;
    if (block.deviceTimeNs !== null) {
      this.#device.add(Number(block.deviceTimeNs) / 1e9, block.firstSample / stream.rate);
    }
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
      this.#head = gap.toSample;
      this.#play(new Float32Array(Math.min(gap.toSample - gap.fromSample, 48000)));
    }
  }

  #play(samples) {
    const ready = this.#upsampler ? this.#upsampler.push(samples) : samples;
    this.#handed += ready.length;
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
