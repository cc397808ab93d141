package org.chevet.codec.sctp;

import static org.chevet.codec.wire.BigEndian.u16;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Walks type-length-value fields: parameters of INIT, INIT ACK and RE-CONFIG, and causes of ABORT and ERROR
 * (RFC 9260 sections 3.2.1 and 3.3.10).
 *
 * <p>{@link #wrap} checks them all, so a walk never fails midway. Borrowed until the next wrap. Not thread-safe.
 */
public final class SctpParameters {
    /** Bytes of the header of a parameter. */
    public static final int HEADER_LENGTH = Frames.HEADER_LENGTH;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int end;
    private int nextParameter;
    private int parameter;
    private int length;

    /** Takes the fields; false when one is shorter than its header or does not fit. Last padding may be missing. */
    public boolean wrap(final DirectBuffer buffer, final int offset, final int length) {
        this.buffer = buffer;
        end = offset;
        nextParameter = offset;
        parameter = offset;
        this.length = 0;
        final int limit = offset + length;
        if (Frames.count(buffer, offset, limit) < 0) {
            return false;
        }
        end = limit;
        return true;
    }

    /** Moves to the next parameter; false when there is none. */
    public boolean next() {
        if (nextParameter >= end) {
            return false;
        }
        parameter = nextParameter;
        length = u16(buffer, parameter + 2);
        nextParameter = parameter + SctpPacket.padded(length);
        return true;
    }

    /** The buffer given to wrap. */
    public DirectBuffer buffer() {
        return buffer;
    }

    /** Type of this parameter or cause. */
    public int type() {
        return u16(buffer, parameter);
    }

    /** Where the value starts. */
    public int valueOffset() {
        return parameter + HEADER_LENGTH;
    }

    /** Bytes of the value, without padding. */
    public int valueLength() {
        return length - HEADER_LENGTH;
    }
}
