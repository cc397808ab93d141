package org.chevet.relay.sctp;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.sctp.DataChunk;
import org.jspecify.annotations.Nullable;

/** One received chunk of user data that waits; linked in order, pooled. One thread. */
final class Fragment {
    private final UnsafeBuffer bytes;
    private int length;
    private int tsn;
    private int message;
    private int number;
    private int ppid;
    private boolean begin;
    private boolean end;
    @Nullable Fragment next;
    @Nullable Fragment previous;

    Fragment(final int capacity) {
        bytes = new UnsafeBuffer(new byte[capacity]);
    }

    void fill(final DataChunk chunk, final DirectBuffer from) {
        length = chunk.payloadLength();
        tsn = chunk.tsn();
        message = chunk.message();
        number = chunk.fragment();
        ppid = chunk.ppid();
        begin = chunk.isBegin();
        end = chunk.isEnd();
        next = null;
        previous = null;
        bytes.putBytes(0, from, chunk.payloadOffset(), length);
    }

    UnsafeBuffer bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    int tsn() {
        return tsn;
    }

    int message() {
        return message;
    }

    int ppid() {
        return ppid;
    }

    boolean isBegin() {
        return begin;
    }

    boolean isEnd() {
        return end;
    }

    /** Steps from {@code other} to this one in the order of the stream; 0 for the same place. */
    int distanceFrom(final Fragment other, final boolean interleaved) {
        if (!interleaved) {
            return tsn - other.tsn;
        }
        return message == other.message ? number - other.number : message - other.message;
    }

    /** True when this one comes right behind {@code other} in the same message. */
    boolean follows(final Fragment other, final boolean interleaved) {
        return !begin && !other.end && distanceFrom(other, interleaved) == 1
            && (!interleaved || message == other.message);
    }
}
