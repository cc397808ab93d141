package org.chevet.relay.net;

import org.agrona.DirectBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.jspecify.annotations.Nullable;

/**
 * Reads datagrams of one socket in batches, into memory of its own, without an object per datagram.
 *
 * <p>The width adapts: {@link #MIN_WIDTH} datagrams a call at call rates, where a wider call only costs, doubling up
 * to {@link #MAX_WIDTH} while calls come back full. One thread.
 */
final class ReceiveBatch {
    static final int MIN_WIDTH = 8;
    static final int MAX_WIDTH = 32;
    /** A stamp further in the past than this is a clock that was set, not a packet that waited. */
    static final long MAX_AGE_NS = 1_000_000_000L;

    private final SocketCalls calls;
    private final SocketAddresses addresses;
    private final MessageVector vector = new MessageVector(MAX_WIDTH);
    private int width = MIN_WIDTH;
    private int used;
    private long realtimeNs;

    ReceiveBatch(final SocketCalls calls, final SocketAddresses addresses) {
        this.calls = calls;
        this.addresses = addresses;
        for (int i = 0; i < MAX_WIDTH; i++) {
            vector.message(i, SocketAddresses.MAX_LENGTH, i, 1, 1);
        }
        used = MAX_WIDTH;
    }

    /** Reads what waits, up to the width; returns the number of datagrams. */
    int receive() {
        for (int i = 0; i < used; i++) {
            vector.reset(i);
        }
        used = 0;
        final int asked = width;
        final int count = calls.receive(vector.messages(), asked);
        if (count <= 0) {
            return 0;
        }
        used = count;
        if (count == asked) {
            width = Math.min(MAX_WIDTH, 2 * width);
        } else if (count <= width / 4) {
            width = Math.max(MIN_WIDTH, width / 2);
        }
        realtimeNs = calls.realtimeNs();
        return count;
    }

    /** Datagrams the next call asks for. */
    int width() {
        return width;
    }

    DirectBuffer buffer() {
        return vector.buffer();
    }

    int offset(final int index) {
        return vector.slot(index);
    }

    /** Bytes of a datagram, or -1 when it was longer than a slot. */
    int length(final int index) {
        return vector.isTruncated(index) ? -1 : vector.received(index);
    }

    /** The sender, or null when its family is unknown. */
    @Nullable TransportAddress sender(final int index) {
        return addresses.read(vector.buffer(), vector.name(index));
    }

    /** True when the kernel said when a datagram arrived. */
    boolean isStamped(final int index) {
        return vector.timestampNs(index) != 0;
    }

    /** Nanoseconds a datagram waited in the kernel before the batch was read; 0 when the kernel does not say. */
    long ageNs(final int index) {
        final long stampNs = vector.timestampNs(index);
        if (stampNs == 0) {
            return 0;
        }
        final long ageNs = realtimeNs - stampNs;
        return ageNs < 0 || ageNs > MAX_AGE_NS ? 0 : ageNs;
    }
}
