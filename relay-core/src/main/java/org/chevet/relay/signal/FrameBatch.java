package org.chevet.relay.signal;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Binary frames of a server (RFC 6455 section 5), written one behind the other and handed to a socket at once. Shared
 * by the connections of one event loop, which use it one after the other: claim, send, ..., flush. One thread.
 *
 * <p>The memory is used again when the kernel took all; otherwise it goes with the socket, and there is a new one.
 */
final class FrameBatch {
    /** A batch is flushed when less than a largest message fits; so it is about as large as this. */
    private static final int BATCH_BYTES = 64 * 1024;
    private static final int BINARY_FRAME = 0x82;
    private static final int SHORT_HEAD = 2;
    private static final int HEAD = 4;
    private static final int LONG_HEAD = 10;
    private static final int LARGEST_SHORT = 125;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;

    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private @Nullable ByteBuf memory;
    private @Nullable Channel owner;
    private int users;
    private int used;

    /** A connection of the loop uses it from now on. */
    void retain() {
        users++;
    }

    /** A connection has gone; the memory goes with the last. */
    void release() {
        users--;
        final ByteBuf held = memory;
        if (users == 0 && held != null) {
            memory = null;
            owner = null;
            used = 0;
            view.wrap(0, 0);
            held.release();
        }
    }

    MutableDirectBuffer buffer() {
        return view;
    }

    /** Makes room for a payload and returns where it begins. */
    int claim(final Channel to, final int maxLength) {
        if (owner != to) {
            // A fault kept the one before from its flush: its frames must not reach another.
            used = 0;
            owner = to;
        }
        if (memory != null && used + LONG_HEAD + maxLength > view.capacity()) {
            flush(to);
        }
        ByteBuf held = memory;
        if (held == null || LONG_HEAD + maxLength > view.capacity()) {
            if (held != null) {
                held.release();
            }
            held = to.alloc().directBuffer(BATCH_BYTES + LONG_HEAD + maxLength);
            memory = held;
            wrap(view, held, 0, held.capacity());
        }
        return used + HEAD;
    }

    /** Puts the header in front of the payload that was written at the claimed place. */
    void send(final int length) {
        view.putByte(used, (byte) BINARY_FRAME);
        if (length <= LARGEST_SHORT) {
            view.putBytes(used + SHORT_HEAD, view, used + HEAD, length);
            view.putByte(used + 1, (byte) length);
            used += SHORT_HEAD + length;
        } else if (length <= 0xFFFF) {
            view.putByte(used + 1, (byte) LENGTH_16);
            view.putShort(used + 2, (short) length, BIG_ENDIAN);
            used += HEAD + length;
        } else {
            view.putBytes(used + LONG_HEAD, view, used + HEAD, length);
            view.putByte(used + 1, (byte) LENGTH_64);
            view.putLong(used + 2, length, BIG_ENDIAN);
            used += LONG_HEAD + length;
        }
    }

    /** Hands everything to the socket. */
    @SuppressWarnings("FutureReturnValueIgnored") // a failed write ends the channel, which is handled
    void flush(final Channel to) {
        final ByteBuf held = memory;
        if (used == 0 || held == null || owner != to) {
            return;
        }
        held.setIndex(0, used);
        used = 0;
        to.write(held.retain(), to.voidPromise());
        to.flush();
        if (held.refCnt() > 1) {
            memory = null;
            held.release();
        }
    }

    /** Lets a view show a part of a Netty buffer. */
    static void wrap(final UnsafeBuffer view, final ByteBuf bytes, final int index, final int length) {
        if (bytes.hasMemoryAddress()) {
            view.wrap(bytes.memoryAddress() + index, length);
        } else if (bytes.hasArray()) {
            view.wrap(bytes.array(), bytes.arrayOffset() + index, length);
        } else {
            view.wrap(bytes.nioBuffer(index, length), 0, length);
        }
    }
}
