package org.chevet.relay.dtls;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.chevet.relay.stats.DropReason;
import org.jctools.queues.SpscArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link Dtls} by BouncyCastle, which blocks and reads the clock itself, so each association has a virtual thread:
 * first the handshake against a hard deadline, then reading on for retransmissions and the peer's close_notify.
 *
 * <p>DTLS 1.2 only, ECDHE-ECDSA with AES-GCM, extended master secret, both certificates, no HelloVerify (it would
 * refuse the fragmented ClientHello of browsers, and ICE has proven the address already). {@code docs/dtls.md} lists
 * the MUSTs that are skipped. After the handshake a failure of the library does not end the association: media has
 * its keys, only the peer's close_notify can no longer be heard.
 */
public final class BouncyDtls implements Dtls {
    private static final Logger LOG = LoggerFactory.getLogger(BouncyDtls.class);

    private final DtlsRole role;
    /** Not private, so that a test can hand the library what {@link RecordFilter} would keep from it. */
    final DatagramExchange exchange;

    private final DtlsTerms terms;
    private final Runnable wake;
    private final RecordFilter filter = new RecordFilter();
    private final byte[] filtered = new byte[RecordFilter.MAX_DATAGRAM];
    private final AtomicReference<State> state = new AtomicReference<>(State.HANDSHAKING);
    private volatile @Nullable DtlsKeys keys;
    private volatile String failure = "";
    private volatile boolean deaf;
    private volatile @Nullable DTLSTransport transport;
    /** What the peer's records held, from the virtual thread to the lane; null while nobody wants it. */
    private volatile @Nullable SpscArrayQueue<byte[]> received;
    /** The lane was told that something was received and has not found the queue empty since. */
    private final AtomicBoolean told = new AtomicBoolean();
    private final AtomicInteger droppedReceived = new AtomicInteger();
    private final byte[] sealed = new byte[MAX_APPLICATION_DATA];

    private BouncyDtls(final DtlsRole role, final DtlsTerms terms, final DatagramExchange exchange,
        final Runnable wake) {
        this.role = role;
        this.terms = terms;
        this.exchange = exchange;
        this.wake = wake;
    }

    /** Opens associations that show this certificate. The random source is shared and must be thread-safe. */
    public static DtlsFactory factory(final DtlsCertificate certificate, final SecureRandom random) {
        return (role, algorithm, fingerprint, handshakeTimeoutMs, wake) -> {
            final Fingerprint expected = Fingerprint.parse(algorithm, fingerprint);
            final Runnable safeWake = () -> runSafely(wake);
            final DatagramExchange exchange = new DatagramExchange(handshakeTimeoutMs, safeWake);
            final BouncyDtls dtls = new BouncyDtls(role,
                new DtlsTerms(new RecordCrypto(random), certificate, expected, exchange), exchange, safeWake);
            final Thread thread = Thread.ofVirtual().name("dtls").unstarted(dtls::run);
            exchange.readBy(thread);
            thread.start();
            return dtls;
        };
    }

    /** A wake-up that throws is the caller's fault and must not look like a failure of the handshake. */
    private static void runSafely(final Runnable wake) {
        try {
            wake.run();
        } catch (final RuntimeException e) {
            LOG.warn("the wake-up of a DTLS association failed", e);
        }
    }

    @Override
    public @Nullable DropReason offer(final DirectBuffer in, final int offset, final int length) {
        final State now = state.get();
        if (deaf || now == State.CLOSED || now == State.FAILED) {
            return DropReason.DTLS_CLOSED;
        }
        final int kept = filter.filter(in, offset, length, filtered);
        if (kept > 0 && !exchange.deliver(Arrays.copyOf(filtered, kept))) {
            return DropReason.DTLS_QUEUE_FULL;
        }
        return filter.isAnyDropped() ? DropReason.DTLS_MALFORMED : null;
    }

    @Override
    public int pollTransmit(final MutableDirectBuffer out, final int offset) {
        final byte[] datagram = exchange.poll();
        if (datagram == null) {
            return 0;
        }
        out.putBytes(offset, datagram);
        return datagram.length;
    }

    @Override
    public State state() {
        return state.get();
    }

    @Override
    public DtlsKeys keys() {
        final DtlsKeys now = keys;
        if (now == null) {
            throw new IllegalStateException("no keys: " + state.get());
        }
        return now;
    }

    @Override
    public String failure() {
        return failure;
    }

    @Override
    public void close() {
        final State before = state.getAndUpdate(now -> now == State.FAILED ? now : State.CLOSED);
        final DTLSTransport now = transport;
        if (before == State.CONNECTED && now != null) {
            // The library allows sending while another thread receives; done here, it can be polled at once.
            sayGoodbye(now);
            keys().close();
        }
        exchange.end();
    }

    private void run() {
        try {
            final DTLSTransport secured = role == DtlsRole.SERVER
                ? new DTLSServerProtocol().accept(new ServerPeer(terms), exchange)
                : new DTLSClientProtocol().connect(new ClientPeer(terms), exchange);
            exchange.flush();
            exchange.clearDeadline();
            terms.connected();
            connected(secured);
        } catch (final IOException | RuntimeException e) {
            end(State.HANDSHAKING, State.FAILED, handshakeFailure(e));
            if (e instanceof RuntimeException) {
                LOG.warn("DTLS handshake broke", e);
            }
        }
        wake.run();
    }

    private void connected(final DTLSTransport secured) throws IOException {
        final DtlsKeys exported = terms.keys();
        if (exported == null) {
            throw new IllegalStateException("a handshake without keys");
        }
        keys = exported;
        transport = secured;
        if (!state.compareAndSet(State.HANDSHAKING, State.CONNECTED)) {
            exported.close();
        }
        wake.run();
        read(secured);
    }

    @Override
    public void acceptApplicationData() {
        if (received == null) {
            received = new SpscArrayQueue<>(MAX_WAITING_APPLICATION_DATA);
        }
    }

    @Override
    public int pollApplicationData(final MutableDirectBuffer out, final int offset) {
        final SpscArrayQueue<byte[]> queue = received;
        if (queue == null) {
            return 0;
        }
        byte[] record = queue.poll();
        if (record == null) {
            told.set(false);
            // One that came between the look and the mark would never be told.
            record = queue.poll();
        }
        if (record == null) {
            return 0;
        }
        out.putBytes(offset, record);
        return record.length;
    }

    @Override
    public int takeDroppedApplicationData() {
        return droppedReceived.get() == 0 ? 0 : droppedReceived.getAndSet(0);
    }

    /** Virtual thread: hands one record over, and wakes the lane unless it is awake. */
    private void onApplicationData(final byte[] buffer, final int length) {
        final SpscArrayQueue<byte[]> queue = received;
        if (queue == null) {
            return;
        }
        if (!queue.offer(Arrays.copyOf(buffer, length))) {
            droppedReceived.incrementAndGet();
        }
        if (told.compareAndSet(false, true)) {
            wake.run();
        }
    }

    @Override
    public boolean send(final DirectBuffer in, final int offset, final int length) {
        final DTLSTransport now = transport;
        if (now == null || length > MAX_APPLICATION_DATA || state.get() != State.CONNECTED) {
            return false;
        }
        in.getBytes(offset, sealed, 0, length);
        try {
            // The library allows sending while another thread receives.
            now.send(sealed, 0, length);
        } catch (final IOException | RuntimeException e) {
            LOG.debug("DTLS sends no more", e);
            return false;
        }
        exchange.seal();
        return true;
    }

    /** Until the peer or the lane closes: application data goes to the lane, the rest is the library's. */
    private void read(final DTLSTransport secured) {
        final byte[] buffer = new byte[RecordFilter.MAX_DATAGRAM];
        try {
            while (!exchange.isEnded()) {
                final int length = secured.receive(buffer, 0, buffer.length, 0);
                if (length > 0) {
                    onApplicationData(buffer, length);
                }
            }
            sayGoodbye(secured);
        } catch (final DatagramExchange.EndedException e) {
            sayGoodbye(secured);
        } catch (final IOException | RuntimeException e) {
            final String alert = terms.peerAlert();
            if (state.get() == State.CLOSED) {
                LOG.debug("the lane closed the association");
            } else if (alert != null) {
                end(State.CONNECTED, State.CLOSED, "the peer said " + alert);
            } else {
                deaf = true;
                failure = "DTLS no longer listens: " + e.getMessage();
                LOG.warn("a connected DTLS association stopped listening; its media goes on", e);
            }
        }
    }

    private static void sayGoodbye(final DTLSTransport secured) {
        try {
            secured.close();
        } catch (final IOException | RuntimeException e) {
            LOG.debug("no close_notify sent", e);
        }
    }

    private void end(final State from, final State to, final String why) {
        if (state.get() == from) {
            failure = why;
            state.compareAndSet(from, to);
        }
    }

    private String handshakeFailure(final Exception e) {
        if (e instanceof DatagramExchange.HandshakeTimeoutException) {
            return String.valueOf(e.getMessage());
        }
        final String alert = terms.peerAlert();
        return alert == null ? String.valueOf(e.getMessage()) : "the peer said " + alert;
    }

    /**
     * One handshake in memory, as a check that the library works here and so that the first client does not pay for
     * loading it (about 300 ms). Blocks; not for a lane.
     *
     * @throws IllegalStateException when the two sides do not come to the same keys
     */
    public static void warmUp(final DtlsCertificate certificate, final SecureRandom random) {
        DtlsWarmUp.run(certificate, random);
    }
}
