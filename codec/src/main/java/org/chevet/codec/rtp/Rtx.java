package org.chevet.codec.rtp;

import static org.chevet.codec.wire.BigEndian.put16;
import static org.chevet.codec.wire.BigEndian.u16;

import org.agrona.MutableDirectBuffer;

/**
 * Retransmission payloads (RFC 4588 section 4): the original sequence number (OSN), then the original payload.
 *
 * <pre>
 *  0                   1
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |            OSN                |  original payload ...
 * </pre>
 *
 * <p>Stateless; safe on any thread.
 */
public final class Rtx {
    /** Bytes before the original payload. */
    public static final int OSN_LENGTH = 2;

    private static final int NONE = -1;

    private Rtx() {
    }

    /**
     * The original sequence number, 0 to 65535, of a packet on a retransmission SSRC wrapped in the clear, or -1 when
     * it repairs nothing: padding alone, or too short for an OSN.
     */
    public static int originalSequence(final RtpHeader plain) {
        return plain.payloadLength() < OSN_LENGTH ? NONE : u16(plain.buffer(), plain.payloadOffset());
    }

    /** Where the original payload starts. */
    public static int originalPayloadOffset(final RtpHeader plain) {
        return plain.payloadOffset() + OSN_LENGTH;
    }

    /** Bytes of the original payload; 0 for an OSN alone, negative when {@link #originalSequence} is -1. */
    public static int originalPayloadLength(final RtpHeader plain) {
        return plain.payloadLength() - OSN_LENGTH;
    }

    /** Writes the OSN; the original payload goes to the returned offset. */
    public static int writeOsn(final MutableDirectBuffer out, final int offset, final int originalSequence) {
        put16(out, offset, originalSequence);
        return offset + OSN_LENGTH;
    }
}
