package org.chevet.relay.srtp;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where native code finds bytes of buffers on the heap: a copy off the heap. The packet path's buffers are off the
 * heap and pass through by their address; the memory is taken when the first other buffer comes. One thread.
 *
 * <p>Data and additional data have a place each, so that input and output are the same place (in place is allowed).
 */
final class HeapStage {
    private static final int DATA = 0;
    private static final int AAD = AeadEngine.MAX_LENGTH + AeadEngine.TAG_LENGTH;
    private static final int LENGTH = AAD + AeadEngine.MAX_LENGTH;

    private @Nullable NativeMemory memory;

    /** The address of readable data. */
    long in(final DirectBuffer buffer, final int offset, final int length) {
        return NativeMemory.isNative(buffer) ? NativeMemory.address(buffer, offset, length)
            : copy(DATA, buffer, offset, length);
    }

    /** The address of readable additional data. */
    long aad(final DirectBuffer buffer, final int offset, final int length) {
        return NativeMemory.isNative(buffer) ? NativeMemory.address(buffer, offset, length)
            : copy(AAD, buffer, offset, length);
    }

    /** The address to write data to, of {@code length} bytes; {@link #finish} brings it where it belongs. */
    long out(final MutableDirectBuffer buffer, final int offset, final int length) {
        if (NativeMemory.isNative(buffer)) {
            return NativeMemory.address(buffer, offset, length);
        }
        buffer.boundsCheck(offset, length);
        return memory().address(DATA);
    }

    /** Copies what was written to a buffer on the heap. */
    void finish(final MutableDirectBuffer buffer, final int offset, final int length) {
        if (!NativeMemory.isNative(buffer)) {
            buffer.putBytes(offset, memory().bytes(), DATA, length);
        }
    }

    /** Overwrites what passed through and gives the memory back. */
    void release() {
        if (memory != null) {
            memory.release();
            memory = null;
        }
    }

    private long copy(final int at, final DirectBuffer buffer, final int offset, final int length) {
        final NativeMemory stage = memory();
        stage.bytes().putBytes(at, buffer, offset, length);
        return stage.address(at);
    }

    private NativeMemory memory() {
        NativeMemory made = memory;
        if (made == null) {
            made = new NativeMemory(LENGTH);
            memory = made;
        }
        return made;
    }
}
