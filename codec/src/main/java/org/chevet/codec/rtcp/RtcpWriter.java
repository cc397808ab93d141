package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.put16;
import static org.chevet.codec.wire.BigEndian.put24;
import static org.chevet.codec.wire.BigEndian.put32;
import static org.chevet.codec.wire.BigEndian.put64;
import static org.chevet.codec.wire.BigEndian.put8;
import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.SerialNumbers;

/**
 * Writes RTCP packets one behind the other into the caller's buffer (RFC 3550, 4585, 5104): {@link #begin}, packets,
 * {@link #length()}.
 *
 * <p>A method that returns false did not fit the capacity and left no trace, so the packets before it can be sent and
 * the rest go into another datagram. The flyweights of this package have the diagrams. Allocates nothing; reusable;
 * not thread-safe.
 */
public final class RtcpWriter {
    private static final int SDES_CNAME = 1;
    private static final int MAX_CNAME = 255;
    private static final int MAX_COUNT = 31;
    private static final int MAX_REMB_SSRCS = 255;
    private static final int NACK_BITS = 16;
    private static final int NONE = -1;

    private MutableDirectBuffer out = new UnsafeBuffer(0, 0);
    private int offset;
    private int at;
    private int limit;
    /** Start of the packet that may still grow (report blocks, NACK entries), or NONE. */
    private int open = NONE;

    /** Starts a datagram at {@code offset} of at most {@code capacity} bytes. */
    public RtcpWriter begin(final MutableDirectBuffer out, final int offset, final int capacity) {
        this.out = out;
        this.offset = offset;
        at = offset;
        limit = offset + capacity;
        open = NONE;
        return this;
    }

    /** Bytes written so far, always whole packets. */
    public int length() {
        return at - offset;
    }

    /**
     * Adds a sender report; {@link #reportBlock} may follow.
     *
     * @param ntp NTP timestamp, 32.32
     * @param rtpTimestamp the same instant in the stream's RTP clock
     */
    public boolean senderReport(final int ssrc, final long ntp, final int rtpTimestamp, final long packetCount,
        final long octetCount) {
        if (!packet(RtcpType.SENDER_REPORT, 0, SenderReport.HEADER_LENGTH)) {
            return false;
        }
        put32(out, open + 4, ssrc);
        put64(out, open + 8, ntp);
        put32(out, open + 16, rtpTimestamp);
        put32(out, open + 20, packetCount);
        put32(out, open + 24, octetCount);
        return true;
    }

    /** Adds a receiver report; {@link #reportBlock} may follow. */
    public boolean receiverReport(final int ssrc) {
        if (!packet(RtcpType.RECEIVER_REPORT, 0, ReceiverReport.HEADER_LENGTH)) {
            return false;
        }
        put32(out, open + 4, ssrc);
        return true;
    }

    /**
     * Adds a block to the report written last; at most 31 go into one report.
     *
     * @param fractionLost in 1/256, 0 to 255
     * @param cumulativeLost clamped to its signed 24 bits
     * @param extendedHighestSequence cycles and highest sequence number
     * @param jitter in units of the source's RTP clock
     * @param lastSr middle 32 bits of the last SR's NTP timestamp, 0 when none was received
     * @param delaySinceLastSr in 1/65536 s, 0 when none was received
     * @return false also when the last packet is no report, or its 31 blocks are there
     */
    public boolean reportBlock(final int ssrc, final int fractionLost, final int cumulativeLost,
        final long extendedHighestSequence, final long jitter, final int lastSr, final int delaySinceLastSr) {
        final boolean isReport = open != NONE && (u8(out, open + 1) == RtcpType.SENDER_REPORT
            || u8(out, open + 1) == RtcpType.RECEIVER_REPORT);
        if (!isReport || (u8(out, open) & RtcpType.COUNT_MASK) == MAX_COUNT || ReportBlocks.LENGTH > limit - at) {
            return false;
        }
        put32(out, at, ssrc);
        put8(out, at + 4, fractionLost);
        put24(out, at + 5, Math.clamp(cumulativeLost, -0x80_0000, 0x7F_FFFF));
        put32(out, at + 8, extendedHighestSequence);
        put32(out, at + 12, jitter);
        put32(out, at + 16, lastSr);
        put32(out, at + 20, delaySinceLastSr);
        put8(out, open, u8(out, open) + 1);
        grow(ReportBlocks.LENGTH);
        return true;
    }

    /** Adds a source description with the canonical name of one source; {@code cname} is UTF-8, 1 to 255 bytes. */
    public boolean cname(final int ssrc, final byte[] cname) {
        // Header, SSRC, item header, text, and at least one zero up to the next word.
        final int size = (RtcpType.HEADER_LENGTH + Integer.BYTES + 2 + cname.length + Integer.BYTES) & ~3;
        if (cname.length > MAX_CNAME || !packet(RtcpType.SOURCE_DESCRIPTION, 1, size)) {
            return false;
        }
        put32(out, at - Integer.BYTES, 0);
        put32(out, open + 4, ssrc);
        put8(out, open + 8, SDES_CNAME);
        put8(out, open + 9, cname.length);
        out.putBytes(open + 10, cname);
        return true;
    }

    /**
     * Adds an extended report with the receiver's reference time (RFC 3611 section 4.4), which senders answer.
     *
     * @param ntp NTP timestamp, 32.32, of any clock of the receiver's
     */
    public boolean referenceTime(final int ssrc, final long ntp) {
        if (!extendedReport(ssrc, ExtendedReport.REFERENCE_TIME, ExtendedReport.REFERENCE_LENGTH)) {
            return false;
        }
        put64(out, at - Long.BYTES, ntp);
        return true;
    }

    /**
     * Adds an extended report with the answer to a receiver's reference time (RFC 3611 section 4.5).
     *
     * @param lastReference middle 32 bits of its NTP timestamp
     * @param delay since it was received, in 1/65536 s
     */
    public boolean delaySinceReference(final int ssrc, final int receiver, final int lastReference, final int delay) {
        if (!extendedReport(ssrc, ExtendedReport.DELAY, ExtendedReport.BLOCK_HEADER + ExtendedReport.DELAY_ENTRY)) {
            return false;
        }
        put32(out, at - 3 * Integer.BYTES, receiver);
        put32(out, at - 2 * Integer.BYTES, lastReference);
        put32(out, at - Integer.BYTES, delay);
        return true;
    }

    private boolean extendedReport(final int ssrc, final int type, final int blockLength) {
        if (!packet(RtcpType.EXTENDED_REPORT, 0, ExtendedReport.HEADER_LENGTH + blockLength)) {
            return false;
        }
        put32(out, open + 4, ssrc);
        put8(out, open + 8, type);
        put8(out, open + 9, 0);
        put16(out, open + 10, blockLength / Integer.BYTES - 1);
        return true;
    }

    /** Adds a goodbye of one source. */
    public boolean bye(final int ssrc) {
        if (!packet(RtcpType.BYE, 1, RtcpType.HEADER_LENGTH + Integer.BYTES)) {
            return false;
        }
        put32(out, open + 4, ssrc);
        return true;
    }

    /** Adds a picture loss indication. */
    public boolean pictureLoss(final int senderSsrc, final int mediaSsrc) {
        return feedback(RtcpType.PAYLOAD_FEEDBACK, RtcpType.FORMAT_PLI, RtcpType.FEEDBACK_HEADER_LENGTH, senderSsrc,
            mediaSsrc);
    }

    /** Adds a full intra request; {@code commandSequence} grows by one for a new request, not for a repetition. */
    public boolean fullIntraRequest(final int senderSsrc, final int mediaSsrc, final int commandSequence) {
        if (!feedback(RtcpType.PAYLOAD_FEEDBACK, RtcpType.FORMAT_FIR,
            RtcpType.FEEDBACK_HEADER_LENGTH + 2 * Integer.BYTES, senderSsrc, 0)) {
            return false;
        }
        put32(out, open + 12, mediaSsrc);
        put32(out, open + 16, (commandSequence & 0xFFL) << 24);
        return true;
    }

    /**
     * Adds a lost sequence number (16 bits) to the NACK written last when that is about the same SSRCs, or starts one.
     * Numbers in ascending order take the least room.
     */
    public boolean nack(final int senderSsrc, final int mediaSsrc, final int sequence) {
        final boolean grows = open != NONE && u8(out, open) == (RtcpType.VERSION_BITS | RtcpType.FORMAT_NACK)
            && u8(out, open + 1) == RtcpType.TRANSPORT_FEEDBACK
            && i32(out, open + 4) == senderSsrc
            && i32(out, open + 8) == mediaSsrc;
        if (grows) {
            final int steps = SerialNumbers.distance16(u16(out, at - 4), sequence);
            if (steps == 0) {
                return true;
            }
            if (steps > 0 && steps <= NACK_BITS) {
                put16(out, at - 2, u16(out, at - 2) | (1 << (steps - 1)));
                return true;
            }
            if (Integer.BYTES > limit - at) {
                return false;
            }
        } else if (!feedback(RtcpType.TRANSPORT_FEEDBACK, RtcpType.FORMAT_NACK,
            RtcpType.FEEDBACK_HEADER_LENGTH + Integer.BYTES, senderSsrc, mediaSsrc)) {
            return false;
        } else {
            put16(out, at - 4, sequence);
            put16(out, at - 2, 0);
            return true;
        }
        put16(out, at, sequence);
        put16(out, at + 2, 0);
        grow(Integer.BYTES);
        return true;
    }

    /**
     * Adds a REMB for the first {@code count} (0 to 255) of {@code ssrcs}.
     *
     * @param rateBps the estimate; rounded down to 18 significant bits
     * @return false also for more than 255 SSRCs
     */
    public boolean remb(final int senderSsrc, final long rateBps, final int[] ssrcs, final int count) {
        if (count > MAX_REMB_SSRCS || !feedback(RtcpType.PAYLOAD_FEEDBACK, RtcpType.FORMAT_APPLICATION,
            Remb.HEADER_LENGTH + count * Integer.BYTES, senderSsrc, 0)) {
            return false;
        }
        final long rate = Math.max(0, rateBps);
        final int exponent = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(rate) - Remb.MANTISSA_BITS);
        put32(out, open + 12, Remb.IDENTIFIER);
        put8(out, open + 16, count);
        put24(out, open + 17, (exponent << Remb.MANTISSA_BITS) | (int) (rate >>> exponent));
        for (int i = 0; i < count; i++) {
            put32(out, open + Remb.HEADER_LENGTH + i * Integer.BYTES, ssrcs[i]);
        }
        return true;
    }

    /** Adds the transport feedback that {@code feedback} has collected; false also when it has nothing. */
    public boolean transportFeedback(final TransportFeedbackWriter feedback, final int senderSsrc,
        final int mediaSsrc, final int feedbackCount) {
        final int size = feedback.write(out, at, limit - at, senderSsrc, mediaSsrc, feedbackCount);
        at += size;
        open = NONE;
        return size > 0;
    }

    /** Adds whole packets as they are, for instance one from {@link RtcpCompound}. */
    public boolean copy(final DirectBuffer source, final int from, final int length) {
        if (length > limit - at) {
            return false;
        }
        out.putBytes(at, source, from, length);
        at += length;
        open = NONE;
        return true;
    }

    private boolean feedback(final int type, final int format, final int size, final int senderSsrc,
        final int mediaSsrc) {
        if (!packet(type, format, size)) {
            return false;
        }
        put32(out, open + RtcpType.HEADER_LENGTH, senderSsrc);
        put32(out, open + RtcpType.MEDIA_SSRC_OFFSET, mediaSsrc);
        return true;
    }

    private boolean packet(final int type, final int count, final int size) {
        if (size > limit - at) {
            return false;
        }
        open = at;
        at += size;
        put8(out, open, RtcpType.VERSION_BITS | count);
        put8(out, open + 1, type);
        put16(out, open + 2, size / Integer.BYTES - 1);
        return true;
    }

    private void grow(final int bytes) {
        at += bytes;
        put16(out, open + 2, (at - open) / Integer.BYTES - 1);
    }
}
