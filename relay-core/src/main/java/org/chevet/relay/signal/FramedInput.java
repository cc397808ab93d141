package org.chevet.relay.signal;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Datagrams out of a byte stream: each has its length in two bytes before it (RFC 4571 section 2). Allocates nothing
 * after it was made; what arrived whole is not copied.
 */
final class FramedInput {
    /** Longest datagram; the lane's slots are not longer. */
    static final int MAX_FRAME = 2048;
    static final int HEAD = 2;

    private final UnsafeBuffer partial = new UnsafeBuffer(new byte[HEAD + MAX_FRAME]);
    private final Sink sink;
    private int have;

    FramedInput(final Sink sink) {
        this.sink = sink;
    }

    /** Takes the datagrams. */
    interface Sink {
        /** One datagram of at least one byte; borrowed for the call. */
        void onFrame(DirectBuffer in, int offset, int length);
    }

    /**
     * Takes what was read; any part of any number of frames.
     *
     * @return false when a length is beyond {@link #MAX_FRAME}: nothing after it can be understood
     */
    boolean feed(final DirectBuffer in, final int offset, final int length) {
        final int end = offset + length;
        int at = offset;
        while (at < end) {
            if (have == 0 && end - at >= HEAD) {
                final int size = sizeAt(in, at);
                if (size > MAX_FRAME) {
                    return false;
                }
                if (end - at - HEAD >= size) {
                    deliver(in, at + HEAD, size);
                    at += HEAD + size;
                    continue;
                }
            }
            final int need = have < HEAD ? HEAD : HEAD + sizeAt(partial, 0);
            final int part = Math.min(need - have, end - at);
            partial.putBytes(have, in, at, part);
            have += part;
            at += part;
            if (have == HEAD && sizeAt(partial, 0) > MAX_FRAME) {
                return false;
            }
            if (have >= HEAD && have == HEAD + sizeAt(partial, 0)) {
                have = 0;
                deliver(partial, HEAD, sizeAt(partial, 0));
            }
        }
        return true;
    }

    private void deliver(final DirectBuffer in, final int offset, final int size) {
        if (size > 0) {
            sink.onFrame(in, offset, size);
        }
    }

    private static int sizeAt(final DirectBuffer in, final int at) {
        return in.getShort(at, BIG_ENDIAN) & 0xFFFF;
    }
}
