package org.chevet.codec.sctp;

import static org.chevet.codec.wire.BigEndian.u16;

import org.agrona.DirectBuffer;

/** The frame that chunks and parameters share: two bytes, the length with its header in two, value, padding. */
final class Frames {
    static final int HEADER_LENGTH = 4;

    private Frames() {
    }

    /** The number of frames that fill the bytes, or -1 when one is shorter than its header or does not fit. */
    static int count(final DirectBuffer buffer, final int from, final int limit) {
        int count = 0;
        for (int at = from; at < limit; count++) {
            if (limit - at < HEADER_LENGTH) {
                return -1;
            }
            final int size = u16(buffer, at + 2);
            if (size < HEADER_LENGTH || size > limit - at) {
                return -1;
            }
            at += SctpPacket.padded(size);
        }
        return count;
    }
}
