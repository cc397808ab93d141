// A page without a user interface that holds one connection of the SDK, and tells a test about it.

import { Publisher, Receiver } from '/console/whip.js';
import { figuresOf, play } from './figures.js';

const LAYERS = [{ rid: 'q', scaleResolutionDownBy: 4 }, { rid: 'h', scaleResolutionDownBy: 2 }, { rid: 'f' }];

/** Sends the picture in three layers. */
class SimulcastPublisher extends Publisher {
  prepare(connection) {
    for (const track of this.stream.getTracks()) {
      connection.addTransceiver(track, { direction: 'sendonly', streams: [this.stream],
        ...(track.kind === 'video' ? { sendEncodings: LAYERS } : {}) });
    }
  }
}

/** Plays what comes. */
class PlayingReceiver extends Receiver {
  prepare(connection) {
    super.prepare(connection);
    play(connection);
    const tell = connection.ontrack;
    connection.ontrack = null;
    connection.addEventListener('track', tell);
  }
}

/** Publishes the fake devices; `layers` in three layers. */
export async function publish(options, layers = false) {
  const video = layers ? { width: 960, height: 540, frameRate: 15 } : true;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video });
  await begin(new (layers ? SimulcastPublisher : Publisher)({ ...options, label: 'probe', stream }));
}

/** Plays one sound and one picture. */
export async function view(options) {
  await begin(new PlayingReceiver({ ...options, audio: 1, video: 1 }));
}

/** From now on answers name no UDP candidate. */
export function withoutUdp() {
  const set = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function withoutUdp({ type, sdp }) {
    const lines = sdp.split('\r\n').filter((line) => !/^a=candidate:\S+ 1 udp /i.test(line));
    return set.call(this, { type, sdp: lines.join('\r\n') });
  };
}

/** From now on connections go through a TURN server or not at all. */
export function throughTurn() {
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      super({ ...configuration, iceTransportPolicy: 'relay' });
    }
  };
}

async function begin(peer) {
  window.probe = peer;
  window.figures = () => figuresOf(peer.connection);
  await peer.start();
}
