// A page with data channels, beside media or alone, as `DataChannelTest` evaluates it: `probe` says how it goes.
async (sbe, { kind, token, consultation, publish, blocks, media }) => {
  const SUBPROTOCOL = 'chevet.vitals.v1';
  const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  if (media && publish) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    stream.getTracks().forEach((track) => connection.addTrack(track, stream));
  } else if (media) {
    ['audio', 'video'].forEach((one) => connection.addTransceiver(one, { direction: 'recvonly' }));
  }
  const vitals = connection.createDataChannel(SUBPROTOCOL, { protocol: SUBPROTOCOL });
  const chat = connection.createDataChannel('chevet.chat');
  const unknown = connection.createDataChannel('something else');
  const probe = { connection, chat, received: 0, bytes: 0, faults: [], words: [], opened: false, unknownClosed: false,
    held: 0 };
  const say = (name, values) => vitals.send(sbe.encode(name, values));
  // One block in ten fills a message of 60 000 bytes.
  const payloadOf = (sequence) => Uint8Array.from({ length: sequence % 10 === 5 ? 60000 : 400 },
    (_, i) => (sequence * 31 + i * 7) & 255);

  const open = () => say('OpenStream', {
    handle: 1, kind: sbe.Kind.WAVEFORM, clinicalClass: sbe.ClinicalClass.LIVE_WAVEFORM,
    sampleFormat: sbe.SampleFormat.I16LE, rateNumerator: 500, rateDenominator: 1, scale: 0.001, ackMode: 1, keyId: 1,
    channels: [{ mdc: 131330, label: 'II', unit: 'mV' }], name: 'ecg', label: 'ECG', device: 'probe',
    mdcCode: 131330,
  });
  const send = async (streamId) => {
    for (let sequence = 0; sequence < blocks; sequence++) {
      while (vitals.bufferedAmount > 65536) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      say('Block', { streamId, sequence, firstSample: sequence * 10, sampleCount: 10, deviceTimeNs: 1n,
        payload: payloadOf(sequence) });
    }
  };
  const check = (block) => {
    const wanted = payloadOf(probe.received);
    if (block.sequence !== probe.received || block.payload.length !== wanted.length
      || !block.payload.every((byte, i) => byte === wanted[i])) {
      probe.faults.push(`block ${block.sequence} of ${block.payload.length} bytes, number ${probe.received}`);
    }
    probe.received++;
    probe.bytes += block.payload.length;
    if (probe.received % 20 === 0) {
      say('Credit', { streamId: block.streamId, receivedBelow: probe.received, credit: 200 });
    }
  };
  vitals.binaryType = 'arraybuffer';
  vitals.onopen = () => say('Hello', { instance: publish ? 1n : 2n, maxVersion: sbe.SCHEMA_VERSION, client: 'probe' });
  vitals.onmessage = (event) => {
    const message = sbe.decode(event.data);
    switch (message?.type) {
      case 'Welcome': if (publish) { open(); } break;
      case 'StreamOpened': send(message.streamId); break;
      case 'StreamAnnounced':
        if (!publish) {
          say('Subscribe', { streamId: message.streamId, start: sbe.StartFrom.SEQUENCE, value: 0n, credit: 200 });
        }
        break;
      case 'Ack': probe.held = message.heldBelow; break;
      case 'Block': check(message); break;
      case 'Gap': case 'Error':
        probe.faults.push(JSON.stringify(message, (_, x) => (typeof x === 'bigint' ? `${x}` : x)));
        break;
      default: break;
    }
  };
  vitals.onclose = () => probe.faults.push('the vitals channel was closed');
  chat.onopen = () => { probe.opened = true; };
  chat.onmessage = (event) => probe.words.push(event.data);
  unknown.onclose = () => { probe.unknownClosed = true; };
  probe.framesDecoded = async () => [...(await connection.getStats()).values()]
    .find((one) => one.type === 'inbound-rtp' && one.kind === 'video')?.framesDecoded ?? 0;
  window.probe = probe;

  await connection.setLocalDescription();
  const response = await fetch(`${location.origin}/${kind}/${consultation}`, { method: 'POST',
    headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${token}` },
    body: connection.localDescription.sdp });
  if (!response.ok) {
    throw new Error(await response.text());
  }
  await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
}
