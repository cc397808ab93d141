package org.chevet.relay.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.demux.Demux;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtp.RtpHeaderWriter;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.dtls.Dtls;
import org.chevet.relay.dtls.DtlsKeys;
import org.chevet.relay.dtls.DtlsRole;
import org.chevet.relay.srtp.JceAeadEngineProvider;
import org.chevet.relay.srtp.SrtpKeys;
import org.chevet.relay.srtp.SrtpProfile;
import org.chevet.relay.srtp.SrtpReceiver;
import org.chevet.relay.srtp.SrtpSender;
import org.chevet.relay.stream.SealedPackets;
import org.jspecify.annotations.Nullable;

/**
 * ICE, DTLS and SRTP of one client connection on one UDP socket.
 *
 * <p>A thread of its own receives, keeps time, and calls the {@link Receiver}; sending is safe on any thread.
 */
final class MediaTransport implements AutoCloseable {
    private static final int MAX_DATAGRAM = 2048;
    private static final int BATCH = 64;
    private static final int SOCKET_BUFFER = 1 << 20;
    private static final int MAX_ADDRESSES = 64;
    private static final long TICK_NS = 20_000_000L;
    private static final long NS_PER_MS = 1_000_000L;
    private static final long JOIN_MS = 2_000;

    private final MediaClientConfig config;
    private final Receiver receiver;
    private final ReentrantLock sending = new ReentrantLock();
    private final ReentrantLock restarting = new ReentrantLock();
    private final byte[] outBytes = new byte[MAX_DATAGRAM];
    private final UnsafeBuffer out = new UnsafeBuffer(outBytes);
    private final RtcpWriter rtcp = new RtcpWriter();
    private final byte[] inBytes = new byte[MAX_DATAGRAM];
    private final UnsafeBuffer in = new UnsafeBuffer(inBytes);
    private final byte[] checkBytes = new byte[MAX_DATAGRAM];
    private final UnsafeBuffer check = new UnsafeBuffer(checkBytes);
    private final Map<TransportAddress, InetSocketAddress> addresses = new HashMap<>();
    private final CountDownLatch settled = new CountDownLatch(1);
    private final DatagramChannel channel;
    private final Selector selector;
    private @Nullable Thread thread;
    private @Nullable Dtls dtls;
    private @Nullable SrtpReceiver opening;
    private volatile @Nullable SrtpSender sealing;
    private volatile @Nullable InetSocketAddress remote;
    private volatile @Nullable SrtpProfile profile;
    private final AtomicReference<@Nullable Restart> restart = new AtomicReference<>();
    private volatile boolean closing;
    private volatile String ended = "";

    /**
     * An ICE session that is to follow the one in use.
     *
     * @param ice touched on the transport's thread only
     * @param settled counts down when a pair of it is in use, or the connection ended
     */
    private record Restart(ControllingIce ice, CountDownLatch settled) {
    }

    /** Hears what arrives. Called on the transport's thread; buffers are borrowed for the call. */
    interface Receiver {
        /** A plain RTP packet. */
        void onRtp(DirectBuffer packet, int offset, int length, long nowNs);

        /** A plain RTCP datagram. */
        void onRtcp(DirectBuffer packet, int offset, int length, long nowNs);

        /** Every 20 ms once connected. */
        void onTick(long nowNs);
    }

    MediaTransport(final MediaClientConfig config, final Receiver receiver) throws MediaClientException {
        this.config = config;
        this.receiver = receiver;
        try {
            channel = DatagramChannel.open();
            selector = Selector.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER);
            channel.bind(null);
            channel.register(selector, SelectionKey.OP_READ);
        } catch (final IOException e) {
            throw new MediaClientException("no UDP socket can be opened", e);
        }
    }

    /** Connects and returns when media may flow. */
    void connect(final RemoteMedia media, final String localUfrag) throws MediaClientException, InterruptedException {
        final ControllingIce ice = new ControllingIce(localUfrag, media.ufrag(), media.password(), media.candidates(),
            config.random(), System.nanoTime());
        final Thread loop = Thread.ofPlatform().daemon().name("chevet-media-client").unstarted(() -> run(ice, media));
        thread = loop;
        loop.start();
        if (!settled.await(config.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
            final String where = remote == null ? "no answer to ICE checks" : "DTLS did not finish";
            throw new MediaClientException("the relay's media port does not connect: " + where + " within "
                + config.timeout().toMillis() + " ms");
        }
        if (!isConnected()) {
            throw new MediaClientException("the relay's media port does not connect: " + ended);
        }
    }

    /**
     * Moves to the next ICE session and returns when a pair of it is in use; DTLS and SRTP go on. The old session is
     * kept until then; {@link WhipPublisher#restartIce} says when the relay keeps it too. Any thread but the
     * transport's.
     */
    void restart(final RestartRequest request, final String localUfrag)
        throws MediaClientException, InterruptedException {
        // The relay knows two generations only: one restart must have ended before the next is asked for.
        restarting.lockInterruptibly();
        try {
            if (!isConnected()) {
                throw new MediaClientException("the connection ended");
            }
            settle(request.ask(), localUfrag);
        } finally {
            restarting.unlock();
        }
    }

    /** Asks the relay for a restart. */
    @FunctionalInterface
    interface RestartRequest {
        /** Sends the request and returns the relay's side of the new ICE session. */
        RemoteMedia ask() throws MediaClientException, InterruptedException;
    }

    private void settle(final RemoteMedia media, final String localUfrag)
        throws MediaClientException, InterruptedException {
        final Restart asked = new Restart(new ControllingIce(localUfrag, media.ufrag(), media.password(),
            media.candidates(), config.random(), System.nanoTime()), new CountDownLatch(1));
        if (!isConnected() || !restart.compareAndSet(null, asked)) {
            throw new MediaClientException(isConnected() ? "an ICE restart is under way" : "the connection ended");
        }
        selector.wakeup();
        try {
            if (!asked.settled.await(config.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new MediaClientException("the relay did not answer ICE checks after a restart within "
                    + config.timeout().toMillis() + " ms");
            }
        } finally {
            restart.compareAndSet(asked, null);
        }
        if (!isConnected()) {
            throw new MediaClientException("the connection ended during an ICE restart: " + ended);
        }
    }

    boolean isConnected() {
        return sealing != null && ended.isEmpty();
    }

    /** Why the connection ended, "" while it has not. */
    String ended() {
        return ended;
    }

    /** Name of the SRTP profile in use, "" before the keys are there. */
    String profileName() {
        final SrtpProfile now = profile;
        return now == null ? "" : now.name();
    }

    /**
     * Seals and sends one RTP packet. Any thread.
     *
     * @param keep takes a copy of what leaves, for {@link #sendAgain}; null for nobody
     * @return false when it was not sent
     */
    boolean sendRtp(final RtpHeaderWriter header, final DirectBuffer payload, final int offset, final int length,
        final @Nullable SealedPackets keep) {
        sending.lock();
        try {
            final SrtpSender sender = sealing;
            if (sender == null || !ended.isEmpty()) {
                return false;
            }
            final int headerLength = header.write(out, 0, MAX_DATAGRAM);
            final int total = headerLength == 0 ? 0 : sender.protectRtp(out, 0, headerLength, payload, offset, length);
            if (total > 0 && keep != null) {
                keep.add(out, 0, total);
            }
            return total > 0 && send(outBytes, total, remote);
        } finally {
            sending.unlock();
        }
    }

    /** Sends a datagram that left before once more; false when it was not sent. Any thread. */
    boolean sendAgain(final DirectBuffer sealed, final int offset, final int length) {
        sending.lock();
        try {
            out.putBytes(0, sealed, offset, length);
            return sealing != null && ended.isEmpty() && send(outBytes, length, remote);
        } finally {
            sending.unlock();
        }
    }

    /** Writes, seals and sends one RTCP datagram; false when it was not sent. Any thread. */
    boolean sendRtcp(final Consumer<RtcpWriter> content) {
        sending.lock();
        try {
            final SrtpSender sender = sealing;
            if (sender == null || !ended.isEmpty()) {
                return false;
            }
            content.accept(rtcp.begin(out, 0, Dtls.MAX_DATAGRAM));
            final int length = rtcp.length();
            final int total = length == 0 ? 0 : sender.protectRtcp(out, 0, length);
            return total > 0 && send(outBytes, total, remote);
        } finally {
            sending.unlock();
        }
    }

    private boolean send(final byte[] bytes, final int length, final @Nullable SocketAddress to) {
        try {
            return to != null && channel.send(ByteBuffer.wrap(bytes, 0, length), to) == length;
        } catch (final IOException e) {
            return false; // unreachable for now, or the socket was closed: lost like a packet on the way
        }
    }

    private void run(final ControllingIce first, final RemoteMedia media) {
        try {
            ControllingIce ice = first;
            long tickNs = System.nanoTime() + TICK_NS;
            while (!closing && ended.isEmpty()) {
                final Restart next = restart.get();
                final long nextNs = next == null ? Long.MAX_VALUE : next.ice.nextDeadlineNs();
                final long waitNs = Math.min(Math.min(ice.nextDeadlineNs(), nextNs), tickNs) - System.nanoTime();
                if (waitNs <= 0) {
                    selector.selectNow();
                } else {
                    selector.select(Math.max(1, waitNs / NS_PER_MS));
                }
                selector.selectedKeys().clear();
                receive(ice, next);
                if (next != null && next.ice.selected() != null) {
                    ice = next.ice;
                    restart.compareAndSet(next, null);
                    next.settled.countDown();
                }
                final long nowNs = System.nanoTime();
                check(ice, nowNs);
                if (next != null && !next.ice.equals(ice)) {
                    check(next.ice, nowNs);
                }
                if (ice.state() == ControllingIce.State.EXPIRED && restart.get() == null) {
                    end("the relay no longer answers");
                }
                handshake(ice, media);
                if (nowNs >= tickNs) {
                    tickNs = nowNs + TICK_NS;
                    if (sealing != null) {
                        receiver.onTick(nowNs);
                    }
                }
            }
        } catch (final IOException e) {
            end("the socket failed");
        } finally {
            end("closed");
            shut();
        }
    }

    private void receive(final ControllingIce ice, final @Nullable Restart next) throws IOException {
        for (int i = 0; i < BATCH; i++) {
            final ByteBuffer target = ByteBuffer.wrap(inBytes);
            if (!(channel.receive(target) instanceof final InetSocketAddress from)) {
                return;
            }
            if (target.position() > 1) {
                datagram(ice, next, target.position(),
                    TransportAddress.ofBytes(from.getAddress().getAddress(), from.getPort()), System.nanoTime());
            }
        }
    }

    private void datagram(final ControllingIce ice, final @Nullable Restart next, final int length,
        final TransportAddress from, final long nowNs) {
        switch (Demux.classify(inBytes[0])) {
            case Demux.STUN -> {
                if (next != null) {
                    next.ice.handleStun(in, 0, length, from, nowNs);
                }
                ice.handleStun(in, 0, length, from, nowNs);
                final TransportAddress selected = next == null || next.ice.selected() == null ? ice.selected()
                    : next.ice.selected();
                if (selected != null) {
                    remote = socketAddress(selected);
                }
            }
            case Demux.DTLS -> {
                final Dtls association = dtls;
                if (association != null && from.equals(ice.selected())) {
                    association.offer(in, 0, length);
                }
            }
            case Demux.RTP -> media(length, nowNs);
            default -> { }
        }
    }

    private void media(final int length, final long nowNs) {
        final SrtpReceiver opener = opening;
        if (opener == null) {
            return;
        }
        if (Demux.isRtcp(inBytes[1])) {
            final int plain = opener.unprotectRtcp(in, 0, length, in, 0);
            if (plain > 0) {
                receiver.onRtcp(in, 0, plain, nowNs);
            }
        } else {
            final int plain = opener.unprotectRtp(in, 0, length, in, 0);
            if (plain > 0) {
                receiver.onRtp(in, 0, plain, nowNs);
            }
        }
    }

    private void check(final ControllingIce ice, final long nowNs) {
        int length = ice.pollTransmit(check, 0, nowNs);
        while (length > 0) {
            send(checkBytes, length, socketAddress(ice.transmitTo()));
            length = ice.pollTransmit(check, 0, nowNs);
        }
    }

    /** RFC 8842: DTLS starts on the first validated pair. */
    private void handshake(final ControllingIce ice, final RemoteMedia media) {
        if (ice.selected() == null) {
            return;
        }
        Dtls association = dtls;
        if (association == null) {
            association = config.dtls().open(media.startsDtls() ? DtlsRole.SERVER : DtlsRole.CLIENT,
                media.fingerprint().algorithm(), media.fingerprint().hash(), config.timeout().toMillis(),
                selector::wakeup);
            dtls = association;
        }
        flush(association);
        switch (association.state()) {
            case CONNECTED -> {
                if (sealing == null) {
                    keyed(association.keys(), media.startsDtls());
                }
            }
            case FAILED -> end("DTLS failed: " + association.failure());
            case CLOSED -> end("the relay closed the connection");
            case HANDSHAKING -> { }
        }
    }

    private void flush(final Dtls association) {
        int length = association.pollTransmit(check, 0);
        while (length > 0) {
            send(checkBytes, length, remote);
            length = association.pollTransmit(check, 0);
        }
    }

    private void keyed(final DtlsKeys keys, final boolean server) {
        final SrtpProfile agreed = SrtpProfile.ofCode(keys.profileCode());
        if (agreed == null) {
            end("the relay chose an SRTP profile that is not known");
            return;
        }
        final byte[] exporter = keys.exporter();
        final JceAeadEngineProvider engines = new JceAeadEngineProvider();
        try (SrtpKeys srtp = new SrtpKeys(agreed, exporter)) {
            opening = server ? srtp.serverReceiver(engines) : srtp.clientReceiver(engines);
            profile = agreed;
            sealing = server ? srtp.serverSender(engines) : srtp.clientSender(engines);
        } finally {
            Arrays.fill(exporter, (byte) 0);
        }
        settled.countDown();
    }

    private InetSocketAddress socketAddress(final TransportAddress address) {
        if (addresses.size() >= MAX_ADDRESSES) {
            addresses.clear();
        }
        return addresses.computeIfAbsent(address, key -> {
            try {
                return new InetSocketAddress(InetAddress.getByAddress(key.addressBytes()), key.port());
            } catch (final UnknownHostException impossible) {
                throw new IllegalStateException("an address has 4 or 16 bytes", impossible);
            }
        });
    }

    private void end(final String why) {
        if (ended.isEmpty()) {
            ended = why;
        }
        settled.countDown();
        final Restart waiting = restart.get();
        if (waiting != null) {
            waiting.settled.countDown();
        }
    }

    private void shut() {
        final Dtls association = dtls;
        if (association != null) {
            association.close();
            flush(association);
        }
        sending.lock();
        try {
            final SrtpSender sender = sealing;
            if (sender != null) {
                sender.close();
            }
        } finally {
            sending.unlock();
        }
        final SrtpReceiver opener = opening;
        if (opener != null) {
            opener.close();
        }
        closeSocket();
    }

    private void closeSocket() {
        try {
            selector.close();
            channel.close();
        } catch (final IOException e) {
            end("the socket did not close");
        }
    }

    /** Ends the connection with close_notify; waits for the thread a little. Any thread but the transport's. */
    @Override
    public void close() {
        closing = true;
        final Thread loop = thread;
        if (loop == null) {
            closeSocket();
            return;
        }
        selector.wakeup();
        try {
            loop.join(JOIN_MS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
