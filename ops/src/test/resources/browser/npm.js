// WHIP and WHEP clients from npm in a page of another origin than the relay's, used as their manuals say.

import { figuresOf, play } from './figures.js';
import { load } from './commonjs.js';

const devices = () => navigator.mediaDevices.getUserMedia({ audio: true, video: true });

/** whip-whep, publishing. */
export async function whipWhepPublishes(url, token) {
  const { WHIPClient } = await import('./npm/whip-whep/whip.js');
  const connection = new RTCPeerConnection();
  const stream = await devices();
  stream.getTracks().forEach((track) => connection.addTransceiver(track, { direction: 'sendonly', streams: [stream] }));
  const client = new WHIPClient();
  await client.publish(connection, url, token);
  expose(connection, () => client.stop());
  window.restart = () => client.restart();
}

/** whip-whep, viewing. */
export async function whipWhepViews(url, token) {
  const { WHEPClient } = await import('./npm/whip-whep/whep.js');
  const connection = new RTCPeerConnection();
  connection.addTransceiver('audio', { direction: 'recvonly' });
  connection.addTransceiver('video', { direction: 'recvonly' });
  play(connection);
  const client = new WHEPClient();
  await client.view(connection, url, token);
  expose(connection, () => client.stop());
  window.restart = () => client.restart();
}

/** Eyevinn's WHIP client. */
export async function eyevinnPublishes(url, token) {
  const { WHIPClient } = await load('@eyevinn/whip-web-client');
  const client = new WHIPClient({ endpoint: url, opts: { authkey: token, iceServers: [] } });
  await client.setIceServersFromEndpoint();
  await client.ingest(await devices());
  expose(client.peer, () => client.destroy());
}

/** Eyevinn's player. */
export async function eyevinnViews(url, token) {
  const { WebRTCPlayer } = await load('@eyevinn/webrtc-player');
  const video = document.body.appendChild(document.createElement('video'));
  video.autoplay = true;
  const player = new WebRTCPlayer({ video, type: 'whep', iceServers: [] });
  await player.load(new URL(url), `Bearer ${token}`);
  video.play().catch(() => {});
  expose(player.peer, () => player.unload());
}

function expose(connection, stop) {
  window.figures = () => figuresOf(connection);
  window.stop = stop;
}
