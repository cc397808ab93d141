package org.chevet.relay.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Memory for one call of {@code recvmmsg} or {@code sendmmsg}: messages with their vectors, addresses, control data
 * and {@link #SLOT_LENGTH}-byte slots for datagrams, all in one piece and touched at once.
 *
 * <pre>
 *  mmsghdr (64 bytes)                             iovec (16)           control of one int or timestamp
 *   0 name   8 its length   16 iovec  24 count     0 base               0 length (8)  8 level  12 type
 *  32 control  40 its length   48 flags            8 length            16 value
 *  56 bytes of the datagram
 * </pre>
 *
 * <p>One thread. The memory lives as long as this object.
 */
final class MessageVector {
    static final int SLOT_LENGTH = 2048;

    private static final int HEADER_LENGTH = 64;
    private static final int NAME_LENGTH = 8;
    private static final int VECTOR = 16;
    private static final int VECTOR_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    private static final int RECEIVED = 56;
    private static final int VECTOR_ENTRY = 16;
    private static final int ENTRY_LENGTH = 8;
    private static final int CONTROL_ROOM = 64;
    private static final int CONTROL_LEVEL = 8;
    private static final int CONTROL_TYPE = 12;
    private static final int CONTROL_VALUE = 16;
    private static final int ALIGNMENT = 64;

    private final MemorySegment memory;
    private final UnsafeBuffer buffer;
    private final long address;
    private final int headers;
    private final int vectors;
    private final int names;
    private final int controls;

    /** Memory for {@code count} messages and as many slots. */
    MessageVector(final int count) {
        headers = count * SLOT_LENGTH;
        vectors = headers + count * HEADER_LENGTH;
        names = vectors + count * VECTOR_ENTRY;
        controls = names + count * SocketAddresses.MAX_LENGTH;
        // Zeroed, and with that in memory before the first packet.
        memory = Arena.ofAuto().allocate(controls + (long) count * CONTROL_ROOM, ALIGNMENT);
        address = memory.address();
        buffer = new UnsafeBuffer(address, (int) memory.byteSize());
        for (int slot = 0; slot < count; slot++) {
            buffer.putLong(vectors + slot * VECTOR_ENTRY, address + slot(slot));
            buffer.putLong(vectors + slot * VECTOR_ENTRY + ENTRY_LENGTH, SLOT_LENGTH);
        }
    }

    /** All of it; slots start at {@link #slot}. */
    UnsafeBuffer buffer() {
        return buffer;
    }

    /** Address of the array of messages. */
    long messages() {
        return memory.address() + headers;
    }

    int slot(final int index) {
        return index * SLOT_LENGTH;
    }

    /** Where the address of a message is. */
    int name(final int message) {
        return names + message * SocketAddresses.MAX_LENGTH;
    }

    /** Sets how much of a slot is sent or may be received. */
    void slotLength(final int slot, final int length) {
        buffer.putLong(vectors + slot * VECTOR_ENTRY + ENTRY_LENGTH, length);
    }

    /**
     * Describes a message.
     *
     * @param nameLength room for, or length of, its address
     * @param firstSlot its first slot
     * @param slots how many follow one another
     * @param controlLength room for, or length of, its control data
     */
    void message(final int message, final int nameLength, final int firstSlot, final int slots,
        final int controlLength) {
        final int at = headers + message * HEADER_LENGTH;
        buffer.putLong(at, address + name(message));
        buffer.putLong(at + NAME_LENGTH, nameLength);
        buffer.putLong(at + VECTOR, address + vectors + (long) firstSlot * VECTOR_ENTRY);
        buffer.putLong(at + VECTOR_COUNT, slots);
        buffer.putLong(at + CONTROL, controlLength == 0 ? 0 : address + control(message));
        buffer.putLong(at + CONTROL_LENGTH, controlLength);
    }

    /** Makes a message that was received ready for the next: the kernel shortened its lengths. */
    void reset(final int message) {
        final int at = headers + message * HEADER_LENGTH;
        buffer.putInt(at + NAME_LENGTH, SocketAddresses.MAX_LENGTH);
        buffer.putLong(at + CONTROL_LENGTH, CONTROL_ROOM);
    }

    /** Slots of a message. */
    int slotsOf(final int message) {
        return (int) buffer.getLong(headers + message * HEADER_LENGTH + VECTOR_COUNT);
    }

    /** Bytes of a received datagram. */
    int received(final int message) {
        return buffer.getInt(headers + message * HEADER_LENGTH + RECEIVED);
    }

    /** True when a received datagram was longer than its slot. */
    boolean isTruncated(final int message) {
        return (buffer.getInt(headers + message * HEADER_LENGTH + FLAGS) & Posix.MSG_TRUNC) != 0;
    }

    /** Kernel receive timestamp in nanoseconds since 1970, or 0 when there is none. */
    long timestampNs(final int message) {
        if (buffer.getLong(headers + message * HEADER_LENGTH + CONTROL_LENGTH) < CONTROL_VALUE + 2 * Long.BYTES) {
            return 0;
        }
        final int at = control(message);
        if (buffer.getInt(at + CONTROL_LEVEL) != Posix.SOL_SOCKET
            || buffer.getInt(at + CONTROL_TYPE) != Posix.SO_TIMESTAMPNS) {
            return 0;
        }
        return buffer.getLong(at + CONTROL_VALUE) * 1_000_000_000L + buffer.getLong(at + CONTROL_VALUE + Long.BYTES);
    }

    /** Writes the control data that makes the kernel cut a message into datagrams; returns its length. */
    int segmentControl(final int message, final int segmentLength) {
        final int at = control(message);
        buffer.putLong(at, CONTROL_VALUE + Short.BYTES);
        buffer.putInt(at + CONTROL_LEVEL, Posix.SOL_UDP);
        buffer.putInt(at + CONTROL_TYPE, Posix.UDP_SEGMENT);
        buffer.putShort(at + CONTROL_VALUE, (short) segmentLength);
        return CONTROL_VALUE + Long.BYTES;
    }

    private int control(final int message) {
        return controls + message * CONTROL_ROOM;
    }
}
