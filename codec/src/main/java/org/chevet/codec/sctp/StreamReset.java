package org.chevet.codec.sctp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u16;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over the parameters of RE-CONFIG (RFC 6525 section 4); walk them with {@link SctpParameters} over the value
 * of the chunk. Borrowed until the next wrap. Not thread-safe.
 */
public final class StreamReset {
    /** Parameter: the sender resets streams it sends on. */
    public static final int OUTGOING_RESET = 13;
    /** Parameter: the sender asks us to reset streams we send on. */
    public static final int INCOMING_RESET = 14;
    /** Parameter: reset of all sequence numbers. */
    public static final int SSN_TSN_RESET = 15;
    /** Parameter: answer to a request. */
    public static final int RESPONSE = 16;
    /** Parameter: the sender wants more streams to send on. */
    public static final int ADD_OUTGOING = 17;
    /** Parameter: the sender wants more streams to receive on. */
    public static final int ADD_INCOMING = 18;

    /** Result: done, there was nothing to do. */
    public static final int NOTHING_TO_DO = 0;
    /** Result: done. */
    public static final int PERFORMED = 1;
    /** Result: refused. */
    public static final int DENIED = 2;
    /** Result: wrong stream number. */
    public static final int WRONG_STREAM = 3;
    /** Result: another request is being worked on. */
    public static final int BUSY = 4;
    /** Result: wrong request sequence number. */
    public static final int BAD_SEQUENCE = 5;
    /** Result: later; ask again. */
    public static final int IN_PROGRESS = 6;

    static final int OUTGOING_FIXED = 12;
    private static final int INCOMING_FIXED = 4;
    private static final int RESPONSE_FIXED = 8;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int type;
    private int at;
    private int streams;

    /** Takes the current parameter; false when its type is unknown or it is too short for it. */
    public boolean wrap(final SctpParameters parameter) {
        buffer = parameter.buffer();
        type = parameter.type();
        at = parameter.valueOffset();
        streams = 0;
        final int length = parameter.valueLength();
        final int fixed = switch (type) {
            case OUTGOING_RESET -> OUTGOING_FIXED;
            case INCOMING_RESET, SSN_TSN_RESET -> INCOMING_FIXED;
            case RESPONSE, ADD_OUTGOING, ADD_INCOMING -> RESPONSE_FIXED;
            default -> Integer.MAX_VALUE;
        };
        if (length < fixed) {
            return false;
        }
        if (type == OUTGOING_RESET || type == INCOMING_RESET) {
            if ((length - fixed) % Short.BYTES != 0) {
                return false;
            }
            streams = (length - fixed) / Short.BYTES;
        }
        return true;
    }

    /** The parameter's type. */
    public int type() {
        return type;
    }

    /** Sequence number of this request, or of the request that a response answers. */
    public int sequence() {
        return i32(buffer, at);
    }

    /** Of a response: the result. */
    public int result() {
        return i32(buffer, at + 4);
    }

    /** Of an outgoing reset: the last TSN the sender had assigned. */
    public int lastTsn() {
        return i32(buffer, at + 8);
    }

    /** Streams listed; none means all. */
    public int streams() {
        return streams;
    }

    /** A stream listed. */
    public int streamId(final int index) {
        final int fixed = type == OUTGOING_RESET ? OUTGOING_FIXED : INCOMING_FIXED;
        return u16(buffer, at + fixed + index * Short.BYTES);
    }
}
