// A relay inside the page, for tests of the pages and of chevet.js without a server. Runs before the page's scripts.
// It speaks the same messages; window.fakeRelay lets a test drop connections, hold blocks back and make gaps.
(() => {
  const RealSocket = window.WebSocket;
  const realFetch = window.fetch.bind(window);
  const sbe = () => import('/console/sbe.js');
  const fake = {
    sockets: [], deleted: [], refuse: null, vitalsDown: false, lastCredit: {}, opened: [], received: [], epoch: 1n,
    held: new Map(), streams: [], whip: [], whep: 0, resources: [], config: window.fakeRelayConfig ?? {},
  };
  window.fakeRelay = fake;

  const relayNs = () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n + 250_000_000n;

  class FakeSocket extends EventTarget {
    constructor(url, protocols) {
      super();
      this.url = String(url);
      this.protocol = protocols[0];
      this.bearer = protocols[1] ?? '';
      this.readyState = 0;
      this.path = new URL(this.url).pathname;
      fake.sockets.push(this);
      setTimeout(() => this.begin(), 5);
    }

    begin() {
      if (fake.refuse || (fake.vitalsDown && this.path.endsWith('vitals'))) {
        this.readyState = 3;
        this.onclose?.({ code: 1006, reason: '' });
        return;
      }
      this.readyState = 1;
      this.onopen?.({});
      this.server = this.path.endsWith('vitals') ? new VitalsServer(this) : new SessionServer(this);
    }

    send(data) {
      this.server.receive(data);
    }

    give(data) {
      if (this.readyState === 1) {
        this.onmessage?.({ data });
      }
    }

    close(code = 1005, reason = '') {
      if (this.readyState >= 2) {
        return;
      }
      this.readyState = 3;
      this.server?.stop();
      setTimeout(() => this.onclose?.({ code, reason }), 1);
    }
  }

  class SessionServer {
    constructor(socket) {
      this.socket = socket;
      const roster = fake.config.roster ?? [];
      this.give({ type: 'welcome', version: 1, participant: 'me', consultation: 'c1', examMode: 'normal',
        resume: { token: `token-${fake.sockets.length}`, seconds: 30 }, roster, e2ee: fake.config.e2ee });
    }

    give(message) {
      this.socket.give(JSON.stringify(message));
    }

    receive(text) {
      const message = JSON.parse(text);
      switch (message.type) {
        case 'ping': this.give({ type: 'pong', t: message.t }); break;
        case 'publish': this.publish(message); break;
        case 'subscribe': this.made('subscribed', message, answer(message.sdp, true, `r${++fake.whep}`)); break;
        case 'unpublish':
        case 'unsubscribe':
          fake.deleted.push(message.resource);
          this.give({ type: 'done', id: message.id, request: message.type });
          break;
        case 'restart': this.refuse(message, 404, 'Not found', 'This relay restarts no ICE.'); break;
        case 'resume': this.give({ type: 'resumed', id: message.id, resources: fake.resources }); break;
        default:
          if (message.id !== undefined) {
            this.give({ type: 'done', id: message.id, request: message.type });
          }
          break;
      }
    }

    publish(message) {
      if (fake.config.refuseWhip) {
        this.refuse(message, 409, 'Already publishing', 'This participant publishes already.');
        return;
      }
      fake.whip.push(message.label);
      this.made('published', message, answer(message.sdp, false, `p${fake.whip.length}`));
    }

    async made(type, { id }, answered) {
      const { resource, sdp } = await answered;
      fake.resources.push(resource);
      this.give({ type, id, resource, sdp });
    }

    refuse({ id, type }, status, title, detail) {
      this.give({ type: 'error', id, request: type, problem: 'urn:chevet:problem:x', status, title, detail });
    }

    stop() {}
  }

  fake.session = (message) => fake.sockets.filter((s) => s.path.endsWith('session') && s.readyState === 1)
    .forEach((s) => s.give(JSON.stringify(message)));

  class VitalsServer {
    constructor(socket) {
      this.socket = socket;
      this.subscriptions = new Map();
      this.timers = [];
      this.ready = sbe().then((m) => {
        this.sbe = m;
      });
      this.chain = this.ready;
      this.locals = new Map();
    }

    receive(data) {
      const copy = data.slice().buffer;
      this.chain = this.chain.then(() => this.take(this.sbe.decode(copy)));
    }

    give(name, values) {
      this.socket.give(this.sbe.encode(name, values).buffer);
    }

    take(message) {
      fake.received.push(message);
      switch (message.type) {
        case 'Hello':
          this.give('Welcome', { relayTimeNs: relayNs(), relayEpoch: fake.epoch, heartbeatMs: 5000, timeoutMs: 15000,
            maxBlockBytes: 65536, defaultCredit: 64, version: 0, participant: 'me' });
          fake.streams.forEach((stream) => this.announce(stream));
          break;
        case 'ClockRequest': {
          const now = relayNs();
          this.give('ClockResponse', { clientSendNs: message.clientSendNs, relayReceiveNs: now, relaySendNs: now,
            exchange: message.exchange });
          break;
        }
        case 'Subscribe': this.subscribe(message); break;
        case 'Credit': fake.lastCredit[message.streamId] = message; break;
        case 'OpenStream': this.open(message); break;
        case 'Block': this.hold(message); break;
        default: break;
      }
    }

    announce(stream) {
      const { source } = stream;
      this.give('StreamAnnounced', { rateNumerator: 0, rateDenominator: 1, scale: 1, zeroOffset: 0,
        missingValue: -32768n,
        hasMissingValue: 1, sampleFormat: 1, status: 1, instance: stream.instance ?? 7n, staleAfterMs: 0,
        clinicalClass: 3, ...source, streamId: stream.id, oldestSequence: stream.blocks[0]?.sequence ?? stream.next,
        nextSequence: stream.next });
      const last = stream.blocks[stream.blocks.length - 1];
      if (source.kind === 2 && last) {
        this.give('LastValue', { ...last, streamId: stream.id });
      }
    }

    subscribe({ streamId, value, start }) {
      const stream = fake.streams.find((one) => one.id === streamId);
      const oldest = stream.blocks[0]?.sequence ?? stream.next;
      let first = stream.next;
      if (start === 1) {
        first = Number(value);
      } else if (start === 3) {
        const from = relayNs() - value;
        first = stream.blocks.find((one) => one.arrivedNs >= from)?.sequence ?? stream.next;
      }
      this.give('Subscribed', { firstSequence: first, streamId });
      if (first < oldest) {
        this.give('Gap', { fromSequence: first, toSequence: oldest, fromSample: null,
          toSample: stream.blocks[0]?.firstSample ?? stream.nextSample, streamId, reason: 1 });
        first = oldest;
      }
      stream.blocks.filter((one) => one.sequence >= first).forEach((one) => this.give('Block', { ...one, streamId }));
      this.subscriptions.set(streamId, true);
    }

    open(message) {
      fake.opened.push(message);
      const held = fake.held.get(message.name) ?? [];
      fake.held.set(message.name, held);
      this.locals.set(message.handle + 100, message.name);
      const next = held.length > 0 ? held[held.length - 1].sequence + 1 : message.oldestSequence;
      this.give('StreamOpened', { nextSequence: next, nextSample: null, handle: message.handle,
        streamId: message.handle + 100 });
    }

    hold(message) {
      const held = fake.held.get(this.locals.get(message.streamId));
      held.push({ ...message, payload: message.payload.slice() });
      if (fake.config.ack !== false) {
        this.give('Ack', { heldBelow: message.sequence + 1, deliveredBelow: message.sequence + 1,
          streamId: message.streamId });
      }
    }

    stop() {
      this.timers.forEach(clearInterval);
    }
  }

  const vitals = () => fake.sockets.filter((s) => s.path.endsWith('vitals') && s.readyState === 1 && s.server?.sbe)
    .map((s) => s.server);

  /** Adds a stream; `source` holds the fields of StreamAnnounced. */
  fake.addStream = (source, id = fake.streams.length + 1) => {
    const stream = { id, source: { participant: 'site', device: '', label: source.name, channels: [], keyId: 0,
      mdcCode: 0, bodySite: 0, ...source }, blocks: [], next: 0, nextSample: 0 };
    fake.streams.push(stream);
    vitals().forEach((server) => server.announce(stream));
    return stream;
  };

  /** Publishes one block of a stream to its subscribers and the ring. */
  fake.push = (stream, payload, sampleCount, { flags = 0, skip = 0, deviceTimeNs } = {}) => {
    stream.nextSample += skip;
    const rate = stream.source.rateNumerator ? stream.source.rateNumerator / stream.source.rateDenominator : 0;
    const block = { sequence: stream.next, firstSample: stream.nextSample, sampleCount, flags, payload,
      deviceTimeNs: deviceTimeNs ?? (relayNs() - (rate ? BigInt(Math.round(sampleCount / rate * 1e9)) : 0n)),
      arrivedNs: relayNs() };
    stream.next += 1;
    stream.nextSample += sampleCount;
    stream.blocks.push(block);
    if (stream.blocks.length > (stream.ring ?? 2000)) {
      stream.blocks.shift();
    }
    if (stream.source.kind === 2) {
      vitals().filter((server) => !server.subscriptions.has(stream.id))
        .forEach((server) => server.give('LastValue', { ...block, streamId: stream.id }));
    }
    vitals().filter((server) => server.subscriptions.has(stream.id))
      .forEach((server) => server.give('Block', { ...block, streamId: stream.id }));
  };

  /** Plays interleaved 16-bit samples in real time, with device times that follow the samples exactly. */
  fake.play = (stream, bytes, frameBytes, blockMs = 100, options = {}) => {
    const rate = stream.source.rateNumerator / stream.source.rateDenominator;
    const startNs = relayNs();
    const startMs = performance.now();
    let at = 0;
    let sent = 0;
    return setInterval(() => {
      const due = Math.floor((performance.now() - startMs) / 1000 * rate);
      const perBlock = Math.round(rate * blockMs / 1000);
      while (sent + perBlock <= due) {
        const frames = bytes.length / frameBytes;
        if (at + perBlock > frames) {
          at = 0;
        }
        const payload = bytes.slice(at * frameBytes, (at + perBlock) * frameBytes);
        const time = startNs + BigInt(Math.round(sent / rate * 1e9));
        const missing = options.missing?.(sent / rate) ?? false;
        if (missing) {
          fake.push(stream, new Uint8Array(0), perBlock, { flags: 1, deviceTimeNs: time });
        } else {
          fake.push(stream, payload, perBlock, { deviceTimeNs: time });
        }
        at += perBlock;
        sent += perBlock;
      }
    }, 30);
  };

  window.WebSocket = function WebSocketOrFake(url, protocols) {
    return new URL(String(url)).pathname.startsWith('/v1/') ? new FakeSocket(url, protocols)
      : new RealSocket(url, protocols);
  };

  const problem = (status, title, detail) => new Response(JSON.stringify({ title, detail, status }),
    { status, headers: { 'Content-Type': 'application/problem+json' } });

  window.fetch = async (input, init = {}) => {
    const url = new URL(typeof input === 'string' ? input : input.url, location.href);
    if (init.method === 'DELETE') {
      fake.deleted.push(url.pathname);
      return new Response(null, { status: 200 });
    }
    if (url.pathname.startsWith('/v1/')) {
      return fake.refuse ? problem(...fake.refuse) : problem(426, 'Upgrade Required', '');
    }
    if (init.method === 'OPTIONS') {
      return new Response(null, { status: 204 });
    }
    return realFetch(input, init);
  };

  /** The other end of a peer connection, in this page: sends moving pictures into the first video sections. */
  async function answer(sdp, send, resource) {
    const connection = new RTCPeerConnection();
    await connection.setRemoteDescription({ type: 'offer', sdp });
    const sections = [];
    if (send) {
      const tracks = fake.config.pictures ?? [];
      let picture = 0;
      for (const transceiver of connection.getTransceivers()) {
        const isVideo = transceiver.receiver.track.kind === 'video';
        const wanted = isVideo && picture < tracks.length ? tracks[picture++] : null;
        transceiver.direction = 'sendonly';
        if (wanted) {
          await transceiver.sender.replaceTrack(moving(wanted).getVideoTracks()[0]);
        }
        sections.push({ mid: transceiver.mid, publication: wanted ? 10 + picture : null, ...(wanted ?? {}),
          kind: transceiver.receiver.track.kind });
      }
    }
    await connection.setLocalDescription(await connection.createAnswer());
    await new Promise((done) => {
      if (connection.iceGatheringState === 'complete') {
        done();
      }
      connection.onicegatheringstatechange = () => connection.iceGatheringState === 'complete' && done();
      setTimeout(done, 300);
    });
    fake.peers = [...(fake.peers ?? []), connection];
    if (send) {
      setTimeout(() => fake.session({ type: 'bindings', resource, sections }), 20);
    }
    return { resource, sdp: connection.localDescription.sdp };
  }

  function moving({ tone = '#33576a', text = '' }) {
    const canvas = document.createElement('canvas');
    canvas.width = 640;
    canvas.height = 480;
    const context = canvas.getContext('2d');
    setInterval(() => {
      context.fillStyle = tone;
      context.fillRect(0, 0, 640, 480);
      context.fillStyle = '#e9d9cc';
      context.beginPath();
      context.arc(320 + 12 * Math.sin(performance.now() / 400), 200, 90, 0, 7);
      context.fill();
      context.fillRect(190, 310, 260, 170);
      context.fillStyle = '#fff';
      context.font = '28px sans-serif';
      context.fillText(text, 20, 460);
    }, 40);
    return canvas.captureStream(25);
  }
})();
