package org.chevet.bench.path;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.stun.StunIntegrity;
import org.chevet.codec.stun.StunMessage;
import org.chevet.codec.stun.StunWriter;
import org.chevet.codec.wire.TransportAddress;

/** One client of the measured lane: its address, its ICE credentials, and a buffer for what it sends. One thread. */
final class PathClient {
    static final int CAPACITY = 2048;
    private static final byte[] ANY_DTLS = {22, (byte) 0xFE, (byte) 0xFD, 0};

    private final String name;
    private final TransportAddress address;
    private final StunIntegrity integrity;
    private final StunWriter writer = new StunWriter();
    private final UnsafeBuffer transaction = new UnsafeBuffer(new byte[StunMessage.TRANSACTION_ID_LENGTH]);
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(CAPACITY);
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private int checks;

    PathClient(final String name, final TransportAddress address) {
        this.name = name;
        this.address = address;
        integrity = new StunIntegrity(password().getBytes(StandardCharsets.US_ASCII));
    }

    /** ICE user fragment on the relay's side, and the id of the connection. */
    String name() {
        return name;
    }

    String password() {
        return "password-of-" + name + "-0123456789";
    }

    /** The number its keys follow from. */
    long seed() {
        return name.hashCode();
    }

    TransportAddress address() {
        return address;
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    /** The same memory as {@link #buffer} for a channel, from 0 to {@code length}. */
    ByteBuffer bytes(final int length) {
        return bytes.limit(length).position(0);
    }

    /** Writes an ICE check to the buffer; returns its length. */
    int writeCheck() {
        transaction.putInt(0, ++checks);
        return writer.begin(buffer, 0, CAPACITY, StunMessage.BINDING_REQUEST, transaction, 0)
            .username((name + ":client").getBytes(StandardCharsets.US_ASCII)).priority(1).iceControlling(1)
            .useCandidate().integrity(integrity).fingerprint().length();
    }

    /** Writes what connects {@link AgreedKeys}; returns its length. */
    int writeHello() {
        buffer.putBytes(0, ANY_DTLS);
        return ANY_DTLS.length;
    }
}
