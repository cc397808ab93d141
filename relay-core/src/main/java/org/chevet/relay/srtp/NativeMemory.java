package org.chevet.relay.srtp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Memory off the heap that an engine owns: keys, contexts, and room for what comes in buffers on the heap.
 *
 * <p>It is zero at first. {@link #release} ends a key's life: the memory is overwritten and kept for the next engine of
 * the same size, so that connections that come and go ask for no more and leave no holes. Memory that is never released
 * is freed some time after nothing refers to it: freeing a shared arena at once would stop every thread, and an engine
 * is made and used on different threads. One owner thread at a time.
 */
final class NativeMemory {
    /** A cache line, which is also what libraries ask of keys. */
    private static final long ALIGNMENT = 64;

    /** Pieces of one length that are kept; about 2500 connections that end at once. */
    private static final int MOST_FREE = 10_000;
    private static final Map<Integer, Queue<MemorySegment>> FREE = new ConcurrentHashMap<>();

    private final MemorySegment segment;
    private final UnsafeBuffer bytes;
    private boolean released;

    NativeMemory(final int length) {
        final MemorySegment used = freeOf(length).poll();
        segment = used == null ? Arena.ofAuto().allocate(length, ALIGNMENT) : used;
        bytes = new UnsafeBuffer(segment.address(), length);
    }

    private static Queue<MemorySegment> freeOf(final int length) {
        return FREE.computeIfAbsent(length, any -> new LinkedBlockingQueue<>(MOST_FREE));
    }

    /** The memory as a buffer; the view must not outlive this object. */
    UnsafeBuffer bytes() {
        return bytes;
    }

    /** Where the byte at this offset stands; whoever hands it to native code keeps this object reachable meanwhile. */
    long address(final int offset) {
        return bytes.addressOffset() + offset;
    }

    /** Overwrites all of it with zeros and gives it back; what stands at its address is not this object's any more. */
    void release() {
        if (!released) {
            released = true;
            segment.fill((byte) 0);
            freeOf((int) segment.byteSize()).offer(segment);
        }
    }

    /** Pieces of a length that wait to be used again. */
    static int free(final int length) {
        return freeOf(length).size();
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
