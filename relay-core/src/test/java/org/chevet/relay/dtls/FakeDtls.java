package org.chevet.relay.dtls;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.relay.stats.DropReason;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Dtls} without threads, clock and cryptography, for tests of what is above it: the client sends one hello,
 * the server answers it, and both have the same made-up keys. Deterministic; lost datagrams are repeated only by
 * {@link #resend()}.
 */
public final class FakeDtls implements Dtls {
    /** Profile both sides agree on: AEAD_AES_128_GCM. */
    public static final int PROFILE = 7;
    /** Bytes of exporter output of that profile. */
    public static final int EXPORTER_LENGTH = 56;

    private static final byte RECORD = 22;
    private static final byte HELLO = 1;
    private static final byte ANSWER = 2;
    private static final byte GOODBYE = 3;

    private final DtlsRole role;
    private final Runnable wake;
    private final byte seed;
    private final ArrayDeque<byte[]> outbox = new ArrayDeque<>();
    private State state = State.HANDSHAKING;
    private @Nullable DtlsKeys keys;
    private String failure = "";

    /** A side whose keys are made of {@code seed}; a client has its hello ready to poll. */
    public FakeDtls(final DtlsRole role, final byte seed, final Runnable wake) {
        this.role = role;
        this.seed = seed;
        this.wake = wake;
        resend();
    }

    /** Opens sides that all have the same keys. */
    public static DtlsFactory factory(final byte seed) {
        return (role, algorithm, fingerprint, handshakeTimeoutMs, wake) -> new FakeDtls(role, seed, wake);
    }

    /** A client that is not connected says hello again. */
    public void resend() {
        if (role == DtlsRole.CLIENT && state == State.HANDSHAKING) {
            send(HELLO);
        }
    }

    /** Makes the handshake fail. */
    public void fail(final String why) {
        state = State.FAILED;
        failure = why;
        wake.run();
    }

    private void send(final byte what) {
        outbox.add(new byte[] {RECORD, what});
        wake.run();
    }

    @Override
    public @Nullable DropReason offer(final DirectBuffer in, final int offset, final int length) {
        if (state == State.CLOSED || state == State.FAILED) {
            return DropReason.DTLS_CLOSED;
        }
        if (length != 2 || in.getByte(offset) != RECORD) {
            return DropReason.DTLS_MALFORMED;
        }
        switch (in.getByte(offset + 1)) {
            case HELLO -> {
                connect();
                send(ANSWER);
            }
            case ANSWER -> connect();
            case GOODBYE -> {
                state = State.CLOSED;
                failure = "the peer said close_notify";
                wake.run();
            }
            default -> {
                return DropReason.DTLS_MALFORMED;
            }
        }
        return null;
    }

    private void connect() {
        if (state == State.HANDSHAKING) {
            final byte[] exporter = new byte[EXPORTER_LENGTH];
            Arrays.fill(exporter, seed);
            keys = new DtlsKeys(PROFILE, exporter);
            state = State.CONNECTED;
            wake.run();
        }
    }

    @Override
    public int pollTransmit(final MutableDirectBuffer out, final int offset) {
        final byte[] datagram = outbox.poll();
        if (datagram == null) {
            return 0;
        }
        out.putBytes(offset, datagram);
        return datagram.length;
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public DtlsKeys keys() {
        final DtlsKeys now = keys;
        if (now == null) {
            throw new IllegalStateException("no keys: " + state);
        }
        return now;
    }

    @Override
    public void acceptApplicationData() {
        // Nothing of this side's peer ever sends any.
    }

    @Override
    public int pollApplicationData(final MutableDirectBuffer out, final int offset) {
        return 0;
    }

    @Override
    public int takeDroppedApplicationData() {
        return 0;
    }

    @Override
    public boolean send(final DirectBuffer in, final int offset, final int length) {
        return false;
    }

    @Override
    public String failure() {
        return failure;
    }

    @Override
    public void close() {
        if (state == State.CONNECTED) {
            keys().close();
            send(GOODBYE);
        }
        if (state != State.FAILED) {
            state = State.CLOSED;
        }
    }

    /** Carries everything from one side to the other, once; true when something went. */
    public static boolean carry(final Dtls from, final Dtls to) {
        final UnsafeBuffer datagram = new UnsafeBuffer(new byte[MAX_DATAGRAM]);
        boolean any = false;
        for (int length = from.pollTransmit(datagram, 0); length > 0; length = from.pollTransmit(datagram, 0)) {
            to.offer(datagram, 0, length);
            any = true;
        }
        return any;
    }
}
