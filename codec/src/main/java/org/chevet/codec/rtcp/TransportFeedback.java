package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.i24;
import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Walks the packet statuses of transport-wide congestion control feedback
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
 *
 * <pre>
 * |V=2|P|  FMT=15 |    PT=205     |           length              |
 * |                     SSRC of packet sender                     |
 * |                      SSRC of media source                     |
 * |      base sequence number     |      packet status count      |
 * |                 reference time                | fb pkt. count |
 * |          packet chunk         |         packet chunk ...      |
 * |  recv delta (1 or 2 bytes) ...                                |
 *
 * chunk, run length:     |0| S |       run length (13)   |
 * chunk, status vector:  |1|0| 14 symbols of 1 bit       |   |1|1| 7 symbols of 2 bits |
 * symbols: 0 not received, 1 received with delta 0..255, 2 received with a signed 16-bit delta; unit 250 us
 * </pre>
 *
 * <p>{@link #wrap} checks that chunks and deltas cover the count, so a walk never fails midway. Borrows the walker's
 * buffer until the next wrap. Not thread-safe.
 */
public final class TransportFeedback {
    /** Ns of one tick, the unit of deltas. */
    public static final long TICK_NS = 250_000;
    /** Ticks of one unit of the reference time (64 ms). */
    public static final int REFERENCE_TICKS = 256;
    /** Feedback about more packets than half the sequence space makes no sense and is refused. */
    public static final int MAX_STATUSES = 0x7FFF;

    static final int NOT_RECEIVED = 0;
    static final int SMALL_DELTA = 1;
    static final int LARGE_DELTA = 2;
    static final int HEADER_LENGTH = 20;
    static final int VECTOR_BIT = 0x8000;
    static final int TWO_BIT_SYMBOLS = 0x4000;
    static final int RUN_SYMBOL_SHIFT = 13;
    static final int MAX_RUN = 0x1FFF;
    static final int ONE_BIT_COUNT = 14;
    static final int TWO_BIT_COUNT = 7;

    static final int BASE_OFFSET = 12;
    static final int COUNT_OFFSET = 14;
    static final int REFERENCE_OFFSET = 16;
    static final int FEEDBACK_COUNT_OFFSET = 19;
    private static final int SYMBOL_MASK = 3;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;
    private int statusCount;
    private int deltasOffset;
    private int index;
    private int chunkOffset;
    private int chunk;
    private int chunkIndex;
    private int chunkCount;
    private int deltaOffset;
    private int symbol;
    private long arrivalTicks;

    /**
     * Takes the packet the walker stands on.
     *
     * @return false when it is no such feedback, tells of no packet or of more than {@link #MAX_STATUSES}, uses the
     *     reserved symbol, or chunks or deltas are cut short
     */
    public boolean wrap(final RtcpCompound packet) {
        buffer = packet.buffer();
        offset = packet.packetOffset();
        statusCount = 0;
        rewind();
        if (!packet.is(RtcpType.TRANSPORT_FEEDBACK, RtcpType.FORMAT_TRANSPORT_CC, HEADER_LENGTH)) {
            return false;
        }
        final int count = u16(buffer, offset + COUNT_OFFSET);
        if (count == 0 || count > MAX_STATUSES) {
            return false;
        }
        final int end = offset + packet.packetLength();
        int at = offset + HEADER_LENGTH;
        int deltas = 0;
        for (int covered = 0; covered < count; at += Short.BYTES) {
            if (end - at < Short.BYTES) {
                return false;
            }
            final int word = u16(buffer, at);
            final int used = Math.min(count - covered, symbolCount(word));
            final int bytes = deltaBytes(word, used);
            // An empty run covers nothing: refuse it, or a chunk could be repeated without end in sight.
            if (bytes < 0 || used == 0) {
                return false;
            }
            deltas += bytes;
            covered += used;
        }
        if (deltas > end - at) {
            return false;
        }
        statusCount = count;
        deltasOffset = at;
        rewind();
        return true;
    }

    private static int symbolCount(final int word) {
        if ((word & VECTOR_BIT) == 0) {
            return word & MAX_RUN;
        }
        return (word & TWO_BIT_SYMBOLS) == 0 ? ONE_BIT_COUNT : TWO_BIT_COUNT;
    }

    private static int symbol(final int word, final int index) {
        if ((word & VECTOR_BIT) == 0) {
            return (word >>> RUN_SYMBOL_SHIFT) & SYMBOL_MASK;
        }
        if ((word & TWO_BIT_SYMBOLS) == 0) {
            return (word >>> (ONE_BIT_COUNT - 1 - index)) & 1;
        }
        return (word >>> (2 * (TWO_BIT_COUNT - 1 - index))) & SYMBOL_MASK;
    }

    /** Bytes of deltas that the first {@code used} symbols of a chunk call for, or -1 with a reserved symbol. */
    private static int deltaBytes(final int word, final int used) {
        if ((word & VECTOR_BIT) == 0) {
            final int repeated = symbol(word, 0);
            return repeated > LARGE_DELTA ? -1 : repeated * used;
        }
        int bytes = 0;
        for (int i = 0; i < used; i++) {
            final int each = symbol(word, i);
            if (each > LARGE_DELTA) {
                return -1;
            }
            bytes += each;
        }
        return bytes;
    }

    /** Back to before the first status. */
    public void rewind() {
        index = -1;
        chunkOffset = offset + HEADER_LENGTH - Short.BYTES;
        chunkIndex = 0;
        chunkCount = 0;
        deltaOffset = deltasOffset;
        symbol = NOT_RECEIVED;
        arrivalTicks = 0;
    }

    /** Moves to the next packet status; false when there is none. */
    public boolean next() {
        if (index + 1 >= statusCount) {
            return false;
        }
        if (index < 0) {
            arrivalTicks = (long) referenceTime() * REFERENCE_TICKS;
        }
        index++;
        if (chunkIndex == chunkCount) {
            chunkOffset += Short.BYTES;
            chunk = u16(buffer, chunkOffset);
            chunkIndex = 0;
            chunkCount = symbolCount(chunk);
        }
        symbol = symbol(chunk, chunkIndex++);
        if (symbol == SMALL_DELTA) {
            arrivalTicks += u8(buffer, deltaOffset);
            deltaOffset++;
        } else if (symbol == LARGE_DELTA) {
            arrivalTicks += (short) u16(buffer, deltaOffset);
            deltaOffset += Short.BYTES;
        }
        return true;
    }

    /** Transport-wide sequence number of this status, 0 to 65535. */
    public int sequence() {
        return (baseSequence() + index) & 0xFFFF;
    }

    /** True when the packet arrived. */
    public boolean isReceived() {
        return symbol != NOT_RECEIVED;
    }

    /**
     * When the packet arrived, in ticks of 250 us of the receiver's clock; meaningful only when {@link #isReceived()}.
     * Wraps with the reference time: signed 24 bits of 64 ms.
     */
    public long arrivalTicks() {
        return arrivalTicks;
    }

    /** {@link #arrivalTicks()} in ns. */
    public long arrivalNs() {
        return arrivalTicks * TICK_NS;
    }

    /** Number of statuses. */
    public int statusCount() {
        return statusCount;
    }

    /** Sequence number of the first status. */
    public int baseSequence() {
        return u16(buffer, offset + BASE_OFFSET);
    }

    /** Reference time in 64 ms, signed 24 bits. */
    public int referenceTime() {
        return i24(buffer, offset + REFERENCE_OFFSET);
    }

    /** Counter of feedback packets, 0 to 255, to see lost ones. */
    public int feedbackCount() {
        return u8(buffer, offset + FEEDBACK_COUNT_OFFSET);
    }

    /** Who reports. */
    public int senderSsrc() {
        return i32(buffer, offset + RtcpType.HEADER_LENGTH);
    }

    /** A media source of the transport; any of them. */
    public int mediaSsrc() {
        return i32(buffer, offset + RtcpType.MEDIA_SSRC_OFFSET);
    }
}
