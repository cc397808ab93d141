package org.chevet.relay.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.demux.Demux;
import org.chevet.codec.rtcp.Nack;
import org.chevet.codec.rtcp.PictureLoss;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.rtp.RtpHeaderWriter;
import org.chevet.codec.rtp.Rtx;
import org.chevet.codec.sdp.SdpException;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.dtls.Dtls;
import org.chevet.relay.dtls.DtlsFactory;
import org.chevet.relay.dtls.DtlsRole;
import org.chevet.relay.ice.IceAgent;
import org.chevet.relay.lane.MediaAddresses;
import org.chevet.relay.route.NegotiatedSection;
import org.chevet.relay.route.PublicationInfo;
import org.chevet.relay.signal.Answer;
import org.chevet.relay.signal.AnswerPlan;
import org.chevet.relay.signal.SdpAnswerer;
import org.chevet.relay.signal.SdpRefusal;
import org.chevet.relay.srtp.JceAeadEngineProvider;
import org.chevet.relay.srtp.SrtpKeys;
import org.chevet.relay.srtp.SrtpProfile;
import org.chevet.relay.srtp.SrtpReceiver;
import org.chevet.relay.srtp.SrtpSender;
import org.jspecify.annotations.Nullable;

/**
 * A relay of one publisher and one player, made of the real parts (answerer, ICE-lite agent, DTLS, SRTP) on one thread,
 * so that the client can be tested without lanes. It leaves packets out, repairs them on request, and passes PLI on.
 */
final class FakeRelay implements AutoCloseable {
    private static final String UFRAG = "relay";
    private static final String PASSWORD = "0123456789abcdefghijklmn";

    final AtomicInteger dropped = new AtomicInteger();
    final AtomicInteger deleted = new AtomicInteger();
    volatile int dropEvery;
    volatile String firstQuery = "";
    private volatile boolean goodbye;

    private final HttpServer http;
    private final DatagramSocket socket;
    private final DtlsFactory dtls;
    private final MediaAddresses addresses;
    private final Map<String, Peer> peers = new ConcurrentHashMap<>();
    private final AtomicInteger names = new AtomicInteger();
    private final byte[] bytes = new byte[2048];
    private final UnsafeBuffer in = new UnsafeBuffer(bytes);
    private final byte[] outBytes = new byte[2048];
    private final UnsafeBuffer out = new UnsafeBuffer(outBytes);
    private final RtpHeader header = new RtpHeader();
    private final RtpHeaderWriter writer = new RtpHeaderWriter();
    private final RtcpCompound compound = new RtcpCompound();
    private final PictureLoss pictureLoss = new PictureLoss();
    private final Nack nack = new Nack();
    private volatile boolean closing;

    private static final class Peer {
        private final boolean publisher;
        private final Answer answer;
        private final IceAgent ice;
        private final Dtls dtls;
        private final Map<Integer, byte[]> history = new HashMap<>();
        private @Nullable SrtpSender sender;
        private @Nullable SrtpReceiver receiver;
        private int rtxSequence;

        Peer(final boolean publisher, final Answer answer, final IceAgent ice, final Dtls dtls) {
            this.publisher = publisher;
            this.answer = answer;
            this.ice = ice;
            this.dtls = dtls;
        }
    }

    FakeRelay(final DtlsFactory dtls, final String fingerprint) throws IOException {
        this.dtls = dtls;
        socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        socket.setSoTimeout(5);
        addresses = new MediaAddresses(List.of(TransportAddress.ofBytes(
            InetAddress.getLoopbackAddress().getAddress(), socket.getLocalPort())), fingerprint);
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/", this::request);
        http.start();
        Thread.ofPlatform().daemon().name("fake-relay").start(this::run);
    }

    URI endpoint(final String path) {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort() + path);
    }

    private void request(final HttpExchange exchange) throws IOException {
        final String path = exchange.getRequestURI().getPath();
        if (firstQuery.isEmpty()) {
            firstQuery = String.valueOf(exchange.getRequestURI().getQuery());
        }
        int status = 201;
        String body = "";
        if (!"Bearer good".equals(exchange.getRequestHeaders().getFirst("authorization"))) {
            status = 401;
            body = "{\"title\":\"Token refused\",\"status\":401,\"detail\":\"the signature does not verify\"}";
            exchange.getResponseHeaders().set("content-type", "application/problem+json");
        } else if (exchange.getRequestMethod().equals("DELETE")) {
            status = 200;
            deleted.incrementAndGet();
        } else {
            try {
                body = admit(path.startsWith("/whip/"), new String(exchange.getRequestBody().readAllBytes(),
                    StandardCharsets.UTF_8));
                exchange.getResponseHeaders().set("location", path + "/r" + names.get());
            } catch (final SdpException | SdpRefusal e) {
                status = 400;
            }
        }
        final byte[] response = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, response.length == 0 ? -1 : response.length);
        exchange.getResponseBody().write(response);
        exchange.close();
    }

    private String admit(final boolean publisher, final String offer) throws SdpException, SdpRefusal {
        final String ufrag = UFRAG + names.incrementAndGet();
        final List<PublicationInfo> published = peers.values().stream().filter(peer -> peer.publisher)
            .flatMap(peer -> peer.answer.sections().stream())
            .map(section -> new PublicationInfo(Integer.parseInt(section.mid()), "site", section.mid(),
                section.kind(), section.label(), section.codecs())).toList();
        final AtomicInteger ssrcs = new AtomicInteger(5000);
        final Answer answer = SdpAnswerer.answer(SessionDescription.parse(offer), publisher
            ? AnswerPlan.publish(ufrag, PASSWORD, addresses, ssrcs::getAndIncrement, 1)
            : AnswerPlan.subscribe(ufrag, PASSWORD, addresses, ssrcs::getAndIncrement, 1, "relay", published));
        peers.put(ufrag, new Peer(publisher, answer,
            new IceAgent(ufrag, PASSWORD, 10_000, 30_000, System.nanoTime()),
            dtls.open(DtlsRole.SERVER, answer.fingerprintAlgorithm(), answer.fingerprint(), 10_000, () -> { })));
        return answer.sdp();
    }

    private void run() {
        final DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
        while (!closing) {
            try {
                packet.setLength(bytes.length);
                socket.receive(packet);
                if (closing) {
                    return;
                }
                datagram(packet.getLength(),
                    TransportAddress.ofBytes(packet.getAddress().getAddress(), packet.getPort()));
            } catch (final SocketTimeoutException e) {
                peers.values().forEach(this::flush);
            } catch (final IOException e) {
                return;
            }
        }
    }

    private void datagram(final int length, final TransportAddress from) {
        final long nowNs = System.nanoTime();
        for (final Peer peer : peers.values()) {
            switch (Demux.classify(bytes[0])) {
                case Demux.STUN -> {
                    if (peer.ice.handleStun(in, 0, length, 0, from, nowNs) == IceAgent.ANSWERED) {
                        send(peer.ice.pollTransmit(out, 0, nowNs), from);
                    } else {
                        // Another peer's check: the error answer is not sent.
                        peer.ice.pollTransmit(out, 0, nowNs);
                    }
                }
                case Demux.DTLS -> {
                    if (peer.ice.isValidated(0, from)) {
                        peer.dtls.offer(in, 0, length);
                    }
                }
                case Demux.RTP -> {
                    if (peer.ice.isValidated(0, from)) {
                        media(peer, length);
                        return;
                    }
                }
                default -> { }
            }
            flush(peer);
        }
    }

    private void flush(final Peer peer) {
        final TransportAddress to = peer.ice.selectedTo();
        if (to == null) {
            return;
        }
        if (goodbye) {
            peer.dtls.close();
        }
        int length = peer.dtls.pollTransmit(out, 0);
        while (length > 0) {
            send(length, to);
            length = peer.dtls.pollTransmit(out, 0);
        }
        if (peer.sender == null && peer.dtls.state() == Dtls.State.CONNECTED) {
            final SrtpProfile profile = SrtpProfile.ofCode(peer.dtls.keys().profileCode());
            if (profile != null) {
                final SrtpKeys keys = new SrtpKeys(profile, peer.dtls.keys().exporter());
                peer.receiver = keys.serverReceiver(new JceAeadEngineProvider());
                peer.sender = keys.serverSender(new JceAeadEngineProvider());
            }
        }
    }

    private void media(final Peer peer, final int length) {
        final SrtpReceiver receiver = peer.receiver;
        if (receiver == null) {
            return;
        }
        if (Demux.isRtcp(bytes[1])) {
            final int plain = receiver.unprotectRtcp(in, 0, length, in, 0);
            if (plain > 0 && compound.wrap(in, 0, plain) && !peer.publisher) {
                feedback(peer);
            }
            return;
        }
        final int plain = receiver.unprotectRtp(in, 0, length, in, 0);
        if (plain <= 0 || !header.wrapPlain(in, 0, plain)) {
            return;
        }
        final int track = indexOf(peer, header.payloadType());
        for (final Peer other : peers.values()) {
            if (!other.publisher && track >= 0) {
                forward(other, track);
            }
        }
    }

    /** Section of a publisher with this payload type: its audio and video differ. */
    private static int indexOf(final Peer peer, final int payloadType) {
        for (int i = 0; i < peer.answer.sections().size(); i++) {
            if (peer.answer.sections().get(i).codecs().getFirst().payloadType() == payloadType) {
                return i;
            }
        }
        return -1;
    }

    private void forward(final Peer player, final int track) {
        final int index = player.answer.sources().indexOf(track);
        if (index < 0) {
            return;
        }
        final NegotiatedSection section = player.answer.sections().get(index);
        final byte[] payload = new byte[header.payloadLength()];
        in.getBytes(header.payloadOffset(), payload);
        player.history.put(header.sequence(), payload);
        final int every = dropEvery;
        if (every > 0 && header.sequence() % every == 0 && section.localRtxSsrc() != 0) {
            dropped.incrementAndGet();
            return;
        }
        writer.begin(false).fields(header).payloadType(section.codecs().getFirst().payloadType())
            .ssrc(section.localSsrc());
        seal(player, new UnsafeBuffer(payload), payload.length);
    }

    private void feedback(final Peer player) {
        while (compound.next()) {
            if (nack.wrap(compound)) {
                for (int number = nack.next(); number >= 0; number = nack.next()) {
                    repair(player, number);
                }
            } else if (pictureLoss.wrap(compound)) {
                askForKeyFrame();
            }
        }
    }

    private void repair(final Peer player, final int number) {
        final byte[] payload = player.history.get(number);
        for (final NegotiatedSection section : player.answer.sections()) {
            if (section.localSsrc() == nack.mediaSsrc() && payload != null) {
                final UnsafeBuffer again = new UnsafeBuffer(new byte[payload.length + Rtx.OSN_LENGTH]);
                Rtx.writeOsn(again, 0, number);
                again.putBytes(Rtx.OSN_LENGTH, payload);
                writer.begin(false).payloadType(section.codecs().getFirst().rtxPayloadType())
                    .sequence(player.rtxSequence++).ssrc(section.localRtxSsrc());
                seal(player, again, again.capacity());
            }
        }
    }

    private void askForKeyFrame() {
        for (final Peer peer : peers.values()) {
            final SrtpSender sender = peer.sender;
            final TransportAddress to = peer.ice.selectedTo();
            if (peer.publisher && sender != null && to != null) {
                final RtcpWriter rtcp = new RtcpWriter().begin(out, 0, 1200);
                peer.answer.sections().forEach(section -> section.sources()
                    .forEach(source -> rtcp.pictureLoss(1, source.ssrc())));
                send(sender.protectRtcp(out, 0, rtcp.length()), to);
            }
        }
    }

    private void seal(final Peer peer, final UnsafeBuffer payload, final int length) {
        final SrtpSender sender = peer.sender;
        final TransportAddress to = peer.ice.selectedTo();
        if (sender != null && to != null) {
            send(sender.protectRtp(out, 0, writer.write(out, 0, 1200), payload, 0, length), to);
        }
    }

    private void send(final int length, final TransportAddress to) {
        try {
            if (length > 0) {
                socket.send(new DatagramPacket(outBytes, length, InetAddress.getByAddress(to.addressBytes()),
                    to.port()));
            }
        } catch (final IOException e) {
            closing = true;
        }
    }

    /** Ends every association with close_notify. */
    void goodbye() {
        goodbye = true;
    }

    /** Stops answering, as a relay that went away. */
    void vanish() {
        closing = true;
    }

    @Override
    public void close() {
        closing = true;
        http.stop(0);
        socket.close();
        peers.values().forEach(peer -> peer.dtls.close());
    }
}
