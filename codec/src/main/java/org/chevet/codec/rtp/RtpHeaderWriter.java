package org.chevet.codec.rtp;

import static org.chevet.codec.wire.BigEndian.put16;
import static org.chevet.codec.wire.BigEndian.put24;
import static org.chevet.codec.wire.BigEndian.put32;
import static org.chevet.codec.wire.BigEndian.put8;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Builds an RTP header (RFC 3550 section 5.1) with CSRCs and header extensions (RFC 8285): set the fields, add
 * extensions, {@link #write}.
 *
 * <p>The one-byte form is used when all elements fit it (ids 1 to 14, values of 1 to 16 bytes), else the two-byte
 * form if {@link #begin} allowed it. Values are copied when added. Allocates nothing; reusable; not thread-safe.
 */
public final class RtpHeaderWriter {
    /** Most elements of one header. */
    public static final int MAX_EXTENSIONS = 16;
    /** Most bytes of all values together. */
    public static final int MAX_VALUE_BYTES = 512;
    /** Most CSRCs. */
    public static final int MAX_CSRCS = 15;

    private static final int LAST_ONE_BYTE_ID = 14;
    private static final int MAX_ONE_BYTE_VALUE = 16;
    private static final int MAX_ID = 255;

    private final UnsafeBuffer values = new UnsafeBuffer(new byte[MAX_VALUE_BYTES]);
    private final int[] ids = new int[MAX_EXTENSIONS];
    private final int[] lengths = new int[MAX_EXTENSIONS];
    private final int[] csrcs = new int[MAX_CSRCS];
    private int extensions;
    private int valueBytes;
    private int csrcCount;
    private boolean twoByteAllowed;
    private boolean needsTwoByte;
    private boolean marker;
    private boolean padding;
    private int payloadType;
    private int sequence;
    private int timestamp;
    private int ssrc;

    /** Starts a header with all fields 0; {@code twoByteAllowed} as {@code extmap-allow-mixed} was agreed. */
    public RtpHeaderWriter begin(final boolean twoByteAllowed) {
        this.twoByteAllowed = twoByteAllowed;
        needsTwoByte = false;
        extensions = 0;
        valueBytes = 0;
        csrcCount = 0;
        marker = false;
        padding = false;
        payloadType = 0;
        sequence = 0;
        timestamp = 0;
        ssrc = 0;
        return this;
    }

    /** Takes the fixed fields and the CSRCs of another packet; extensions are not copied, nor is the P bit. */
    public RtpHeaderWriter fields(final RtpHeader header) {
        marker = header.marker();
        payloadType = header.payloadType();
        sequence = header.sequence();
        timestamp = header.timestamp();
        ssrc = header.ssrc();
        csrcCount = header.csrcCount();
        for (int i = 0; i < csrcCount; i++) {
            csrcs[i] = header.csrc(i);
        }
        return this;
    }

    /** The M bit. */
    public RtpHeaderWriter marker(final boolean value) {
        marker = value;
        return this;
    }

    /** The P bit; the caller writes the padding behind the payload. */
    public RtpHeaderWriter padding(final boolean value) {
        padding = value;
        return this;
    }

    /** Payload type; the low 7 bits count. */
    public RtpHeaderWriter payloadType(final int value) {
        payloadType = value;
        return this;
    }

    /** Sequence number; the low 16 bits count. */
    public RtpHeaderWriter sequence(final int value) {
        sequence = value;
        return this;
    }

    /** RTP timestamp. */
    public RtpHeaderWriter timestamp(final int value) {
        timestamp = value;
        return this;
    }

    /** SSRC. */
    public RtpHeaderWriter ssrc(final int value) {
        ssrc = value;
        return this;
    }

    /**
     * Adds an extension element with {@code length} bytes of {@code source}.
     *
     * @return false, and nothing is added, when the id is not 1 to 255 (14 without two-byte headers), the value is
     *     longer than 255 bytes (1 to 16 without), or a limit of this class is reached
     */
    public boolean extension(final int id, final DirectBuffer source, final int offset, final int length) {
        if (!admit(id, length)) {
            return false;
        }
        values.putBytes(valueBytes - length, source, offset, length);
        return true;
    }

    /** Adds a value of one byte; see {@link #extension}. */
    public boolean extension8(final int id, final int value) {
        if (!admit(id, 1)) {
            return false;
        }
        put8(values, valueBytes - 1, value);
        return true;
    }

    /** Adds a value of two bytes; see {@link #extension}. */
    public boolean extension16(final int id, final int value) {
        if (!admit(id, 2)) {
            return false;
        }
        put16(values, valueBytes - 2, value);
        return true;
    }

    /** Adds a value of three bytes; see {@link #extension}. */
    public boolean extension24(final int id, final int value) {
        if (!admit(id, 3)) {
            return false;
        }
        put24(values, valueBytes - 3, value);
        return true;
    }

    private boolean admit(final int id, final int length) {
        final boolean oneByte = id >= 1 && id <= LAST_ONE_BYTE_ID && length >= 1 && length <= MAX_ONE_BYTE_VALUE;
        final boolean twoByte = id >= 1 && id <= MAX_ID && length >= 0 && length <= MAX_ID;
        if (!oneByte && !(twoByte && twoByteAllowed)) {
            return false;
        }
        if (extensions == MAX_EXTENSIONS || length > MAX_VALUE_BYTES - valueBytes) {
            return false;
        }
        needsTwoByte |= !oneByte;
        ids[extensions] = id;
        lengths[extensions++] = length;
        valueBytes += length;
        return true;
    }

    /** Bytes that {@link #write} would write now. */
    public int length() {
        return RtpHeader.MIN_LENGTH + Integer.BYTES * csrcCount
            + (extensions == 0 ? 0 : RtpHeader.EXTENSION_HEADER + padded(elementBytes()));
    }

    private int elementBytes() {
        return valueBytes + (needsTwoByte ? 2 : 1) * extensions;
    }

    private static int padded(final int size) {
        return (size + 3) & ~3;
    }

    /**
     * Writes the header at {@code offset}.
     *
     * @return its length in bytes (a multiple of 4), or 0 and nothing written when it is longer than {@code capacity}
     */
    public int write(final MutableDirectBuffer out, final int offset, final int capacity) {
        final int total = length();
        if (total > capacity) {
            return 0;
        }
        put8(out, offset, RtpHeader.VERSION_BITS | (padding ? RtpHeader.PADDING_BIT : 0)
            | (extensions > 0 ? RtpHeader.EXTENSION_BIT : 0) | csrcCount);
        put8(out, offset + 1, (marker ? RtpHeader.MARKER_BIT : 0) | (payloadType & 0x7F));
        put16(out, offset + 2, sequence);
        put32(out, offset + 4, timestamp);
        put32(out, offset + 8, ssrc);
        int at = offset + RtpHeader.MIN_LENGTH;
        for (int i = 0; i < csrcCount; i++) {
            put32(out, at, csrcs[i]);
            at += Integer.BYTES;
        }
        if (extensions > 0) {
            writeExtensions(out, at, offset + total);
        }
        return total;
    }

    private void writeExtensions(final MutableDirectBuffer out, final int from, final int to) {
        put16(out, from, needsTwoByte ? RtpHeader.TWO_BYTE_PROFILE : RtpHeader.ONE_BYTE_PROFILE);
        put16(out, from + 2, (to - from - RtpHeader.EXTENSION_HEADER) / Integer.BYTES);
        int at = from + RtpHeader.EXTENSION_HEADER;
        int value = 0;
        for (int i = 0; i < extensions; i++) {
            final int length = lengths[i];
            if (needsTwoByte) {
                put8(out, at, ids[i]);
                put8(out, at + 1, length);
                at += 2;
            } else {
                put8(out, at, (ids[i] << 4) | (length - 1));
                at++;
            }
            out.putBytes(at, values, value, length);
            at += length;
            value += length;
        }
        while (at < to) {
            put8(out, at++, 0);
        }
    }
}
