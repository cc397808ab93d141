package org.chevet.relay.srtp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Memory off the heap that an engine owns: keys, contexts, and room for what comes in buffers on the heap.
 *
 * <p>It is zero at first and freed some time after nothing refers to it any more: freeing a shared arena at once would
 * stop every thread, and an engine is made and used on different threads. {@link #wipe} is what ends a key's life.
 */
final class NativeMemory {
    /** A cache line, which is also what libraries ask of keys. */
    private static final long ALIGNMENT = 64;

    private final MemorySegment segment;
    private final UnsafeBuffer bytes;

    NativeMemory(final int length) {
        segment = Arena.ofAuto().allocate(length, ALIGNMENT);
        bytes = new UnsafeBuffer(segment.address(), length);
    }

    /** The memory as a buffer; the view must not outlive this object. */
    UnsafeBuffer bytes() {
        return bytes;
    }

    /** Where the byte at this offset stands; whoever hands it to native code keeps this object reachable meanwhile. */
    long address(final int offset) {
        return bytes.addressOffset() + offset;
    }

    /** Overwrites all of it with zeros. */
    void wipe() {
        segment.fill((byte) 0);
    }

    /** True when the buffer's bytes have an address that native code may use. */
    static boolean isNative(final DirectBuffer buffer) {
        return buffer.byteArray() == null;
    }

    /**
     * The address of bytes of a native buffer; the caller keeps the buffer alive during the call.
     *
     * @throws IndexOutOfBoundsException when they are not all within the buffer
     */
    static long address(final DirectBuffer buffer, final int offset, final int length) {
        buffer.boundsCheck(offset, length);
        return buffer.addressOffset() + offset;
    }
}
