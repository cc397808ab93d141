package org.chevet.relay.sim;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.relay.dtls.Dtls;
import org.chevet.relay.dtls.DtlsKeys;
import org.chevet.relay.srtp.SrtpProfile;
import org.chevet.relay.stats.DropReason;
import org.jspecify.annotations.Nullable;

/**
 * DTLS without cryptography: a hello datagram of one side, an answer of the other, keys that both compute from a
 * number.
 *
 * <p>Has the life of a real association (lost flights, repeated hellos, close_notify), so that everything above it is
 * tested without a thread. The real one is tested by itself and with browsers.
 */
final class SimDtls implements Dtls {
    private static final byte[] HELLO = {22, 1, 1, 1};
    private static final byte[] ANSWER = {22, 2, 2, 2};
    private static final byte[] CLOSE = {21, 3, 3, 3};
    /** First byte of application data; the rest of what a real record adds is zeros. */
    private static final byte APPLICATION_DATA = 23;
    private static final int OVERHEAD = MAX_DATAGRAM - MAX_APPLICATION_DATA;

    private final boolean client;
    private final long keySeed;
    private final Runnable wake;
    private final Deque<byte[]> out = new ArrayDeque<>();
    private final Deque<byte[]> received = new ArrayDeque<>();
    private boolean accepting;
    private int dropped;
    private State state = State.HANDSHAKING;

    SimDtls(final boolean client, final long keySeed, final Runnable wake) {
        this.client = client;
        this.keySeed = keySeed;
        this.wake = wake;
    }

    /** The client's flight, as often as its timer says. */
    void sendHello() {
        if (client && state == State.HANDSHAKING) {
            out.add(HELLO);
        }
    }

    @Override
    public @Nullable DropReason offer(final DirectBuffer in, final int offset, final int length) {
        final byte[] datagram = new byte[length];
        in.getBytes(offset, datagram);
        if (!client && Arrays.equals(datagram, HELLO)) {
            out.add(ANSWER);
            state = state == State.HANDSHAKING ? State.CONNECTED : state;
        } else if (client && Arrays.equals(datagram, ANSWER)) {
            state = state == State.HANDSHAKING ? State.CONNECTED : state;
        } else if (Arrays.equals(datagram, CLOSE)) {
            state = State.CLOSED;
        } else if (length > OVERHEAD && datagram[0] == APPLICATION_DATA) {
            if (accepting && received.size() < MAX_WAITING_APPLICATION_DATA) {
                received.add(Arrays.copyOfRange(datagram, OVERHEAD, length));
            } else {
                dropped++;
            }
        } else {
            return DropReason.DTLS_MALFORMED;
        }
        wake.run();
        return null;
    }

    @Override
    public int pollTransmit(final MutableDirectBuffer buffer, final int offset) {
        final byte[] datagram = out.poll();
        if (datagram == null) {
            return 0;
        }
        buffer.putBytes(offset, datagram);
        return datagram.length;
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public DtlsKeys keys() {
        if (state != State.CONNECTED) {
            throw new IllegalStateException("no keys in state " + state);
        }
        final byte[] exporter = new byte[SrtpProfile.AEAD_AES_256_GCM.exporterLength()];
        new Random(keySeed).nextBytes(exporter);
        return new DtlsKeys(SrtpProfile.AEAD_AES_256_GCM.code(), exporter);
    }

    @Override
    public void acceptApplicationData() {
        accepting = true;
    }

    @Override
    public int pollApplicationData(final MutableDirectBuffer buffer, final int offset) {
        final byte[] record = received.poll();
        if (record == null) {
            return 0;
        }
        buffer.putBytes(offset, record);
        return record.length;
    }

    @Override
    public int takeDroppedApplicationData() {
        final int taken = dropped;
        dropped = 0;
        return taken;
    }

    @Override
    public boolean send(final DirectBuffer in, final int offset, final int length) {
        if (state != State.CONNECTED || length > MAX_APPLICATION_DATA) {
            return false;
        }
        final byte[] record = new byte[OVERHEAD + length];
        record[0] = APPLICATION_DATA;
        in.getBytes(offset, record, OVERHEAD, length);
        out.add(record);
        return true;
    }

    @Override
    public String failure() {
        return state == State.FAILED ? "simulated" : "";
    }

    @Override
    public void close() {
        if (state == State.CONNECTED) {
            out.add(CLOSE);
        }
        state = State.CLOSED;
    }
}
