package org.chevet.codec.stun;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.i64;
import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u32;
import static org.chevet.codec.wire.BigEndian.u8;

import java.util.zip.CRC32;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.jspecify.annotations.Nullable;

/**
 * Flyweight over one STUN message (RFC 8489 section 5).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |0 0|M M M M M|C|M M M|C|M M M M|         Message Length        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                  Magic Cookie 0x2112A442                      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                  Transaction ID (96 bits)                     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  attributes: type (16), length (16), value, padding to 4      |
 * </pre>
 *
 * <p>{@link #wrap} walks every attribute once; the other methods are meaningful only after it returned true. The
 * buffer is borrowed until the next wrap. What stands behind MESSAGE-INTEGRITY is not found, except FINGERPRINT and
 * MESSAGE-INTEGRITY-SHA256 (section 14.5). Of attributes of one type the first counts (section 14). Allocates
 * nothing except where a method says so. Not thread-safe.
 */
public final class StunMessage {
    /** Bytes of the header. */
    public static final int HEADER_LENGTH = 20;
    /** Bytes of a transaction id. */
    public static final int TRANSACTION_ID_LENGTH = 12;
    /** The fixed second word of every message. */
    public static final int MAGIC_COOKIE = 0x2112_A442;
    /** The only method ICE uses. */
    public static final int METHOD_BINDING = 1;
    /** Class of a request. */
    public static final int REQUEST = 0;
    /** Class of an indication: no answer, no proof of who sent it. */
    public static final int INDICATION = 1;
    /** Class of a success response. */
    public static final int SUCCESS = 2;
    /** Class of an error response. */
    public static final int ERROR = 3;
    /** Type of a Binding request. */
    public static final int BINDING_REQUEST = 0x0001;
    /** Type of a Binding indication. */
    public static final int BINDING_INDICATION = 0x0011;
    /** Type of a Binding success response. */
    public static final int BINDING_SUCCESS = 0x0101;
    /** Type of a Binding error response. */
    public static final int BINDING_ERROR = 0x0111;
    /** What {@link #find} returns when there is none. */
    public static final int NOT_FOUND = -1;

    static final int ATTRIBUTE_HEADER = 4;
    static final int HMAC_LENGTH = 20;
    static final int FINGERPRINT_LENGTH = 4;
    static final int FINGERPRINT_XOR = 0x5354_554E;
    static final int FAMILY_IPV4 = 1;
    static final int FAMILY_IPV6 = 2;
    static final int IPV4_LENGTH = 8;
    static final int IPV6_LENGTH = 20;
    static final int LENGTH_OFFSET = 2;
    static final int COOKIE_OFFSET = 4;
    static final int TRANSACTION_ID_OFFSET = 8;

    private static final int CRC_CHUNK = 256;

    private final CRC32 crc = new CRC32();
    private final byte[] chunk = new byte[CRC_CHUNK];
    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;
    private int end;
    private int integrity;
    private int fingerprint;

    /**
     * Takes the message at {@code offset}; {@code length} is that of the whole datagram.
     *
     * @return false when it is not one whole STUN message: wrong first bits or cookie, a length that differs from the
     *     datagram's, an attribute that does not fit, an integrity or fingerprint attribute of the wrong size
     */
    public boolean wrap(final DirectBuffer buffer, final int offset, final int length) {
        this.buffer = buffer;
        this.offset = offset;
        end = offset;
        integrity = NOT_FOUND;
        fingerprint = NOT_FOUND;
        if (length < HEADER_LENGTH || (length & 3) != 0 || u8(buffer, offset) > 0x3F
            || u16(buffer, offset + LENGTH_OFFSET) != length - HEADER_LENGTH
            || i32(buffer, offset + COOKIE_OFFSET) != MAGIC_COOKIE) {
            return false;
        }
        return walk(offset + HEADER_LENGTH, offset + length);
    }

    private boolean walk(final int from, final int limit) {
        int at = from;
        while (at < limit) {
            final int type = u16(buffer, at);
            final int size = u16(buffer, at + 2);
            if (size > limit - at - ATTRIBUTE_HEADER) {
                return false;
            }
            if (type == StunAttribute.MESSAGE_INTEGRITY && integrity == NOT_FOUND) {
                if (size != HMAC_LENGTH) {
                    return false;
                }
                integrity = at;
            } else if (type == StunAttribute.FINGERPRINT && fingerprint == NOT_FOUND) {
                if (size != FINGERPRINT_LENGTH) {
                    return false;
                }
                fingerprint = at;
            }
            at += ATTRIBUTE_HEADER + padded(size);
        }
        end = limit;
        return true;
    }

    static int padded(final int size) {
        return (size + 3) & ~3;
    }

    /** The whole 14-bit type, as {@link #BINDING_REQUEST}. */
    public int type() {
        return u16(buffer, offset);
    }

    /** The class: {@link #REQUEST}, {@link #INDICATION}, {@link #SUCCESS} or {@link #ERROR}. */
    public int messageClass() {
        final int type = type();
        return ((type >>> 7) & 2) | ((type >>> 4) & 1);
    }

    /** The 12-bit method; {@link #METHOD_BINDING} is 1. */
    public int method() {
        final int type = type();
        return (type & 0xF) | ((type >>> 1) & 0x70) | ((type >>> 2) & 0xF80);
    }

    /** Bytes of the message, header included. */
    public int length() {
        return end - offset;
    }

    /** The buffer given to wrap. */
    public DirectBuffer buffer() {
        return buffer;
    }

    /** Where the message starts in {@link #buffer()}. */
    public int offset() {
        return offset;
    }

    /** Where the twelve bytes of the transaction id start in {@link #buffer()}. */
    public int transactionIdOffset() {
        return offset + TRANSACTION_ID_OFFSET;
    }

    /** Copies the twelve bytes of the transaction id. */
    public void copyTransactionId(final MutableDirectBuffer out, final int at) {
        out.putBytes(at, buffer, transactionIdOffset(), TRANSACTION_ID_LENGTH);
    }

    /** True when the transaction id equals the twelve bytes at {@code at}. */
    public boolean hasTransactionId(final DirectBuffer id, final int at) {
        final int mine = transactionIdOffset();
        return i32(buffer, mine) == i32(id, at) && i64(buffer, mine + Integer.BYTES) == i64(id, at + Integer.BYTES);
    }

    /** Where the value of the first attribute of this type starts in {@link #buffer()}, or {@link #NOT_FOUND}. */
    public int find(final int attributeType) {
        int at = offset + HEADER_LENGTH;
        while (at < end) {
            final int type = u16(buffer, at);
            if (type == attributeType && isSeen(at, type)) {
                return at + ATTRIBUTE_HEADER;
            }
            at += ATTRIBUTE_HEADER + padded(u16(buffer, at + 2));
        }
        return NOT_FOUND;
    }

    private boolean isSeen(final int at, final int type) {
        return integrity == NOT_FOUND || at <= integrity || type == StunAttribute.FINGERPRINT
            || type == StunAttribute.MESSAGE_INTEGRITY_SHA256;
    }

    /** Bytes of the value that {@link #find} found at {@code valueOffset}, padding not counted. */
    public int attributeLength(final int valueOffset) {
        return u16(buffer, valueOffset - 2);
    }

    /** True when there is an attribute of this type. */
    public boolean has(final int attributeType) {
        return find(attributeType) != NOT_FOUND;
    }

    /** True when the attribute is there and its value is exactly these bytes. */
    public boolean attributeEquals(final int attributeType, final byte[] value) {
        final int at = find(attributeType);
        return at != NOT_FOUND && attributeLength(at) == value.length && startsWith(at, value);
    }

    /** True when the attribute is there and its value starts with these bytes (USERNAME: {@code "ufrag:"}). */
    public boolean attributeStartsWith(final int attributeType, final byte[] prefix) {
        final int at = find(attributeType);
        return at != NOT_FOUND && attributeLength(at) >= prefix.length && startsWith(at, prefix);
    }

    private boolean startsWith(final int at, final byte[] prefix) {
        for (int i = 0; i < prefix.length; i++) {
            if (buffer.getByte(at + i) != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    /** PRIORITY as an unsigned number, or -1 when absent or not four bytes. */
    public long priority() {
        final int at = find(StunAttribute.PRIORITY);
        return at == NOT_FOUND || attributeLength(at) != Integer.BYTES ? NOT_FOUND : u32(buffer, at);
    }

    /** True when USE-CANDIDATE is there. */
    public boolean useCandidate() {
        return has(StunAttribute.USE_CANDIDATE);
    }

    /** True when ICE-CONTROLLING is there with its eight bytes. */
    public boolean isControlling() {
        return hasTieBreaker(StunAttribute.ICE_CONTROLLING);
    }

    /** True when ICE-CONTROLLED is there with its eight bytes. */
    public boolean isControlled() {
        return hasTieBreaker(StunAttribute.ICE_CONTROLLED);
    }

    private boolean hasTieBreaker(final int type) {
        final int at = find(type);
        return at != NOT_FOUND && attributeLength(at) == Long.BYTES;
    }

    /** The tie-breaker of ICE-CONTROLLING or ICE-CONTROLLED, 0 when neither is there. */
    public long tieBreaker() {
        if (isControlling()) {
            return i64(buffer, find(StunAttribute.ICE_CONTROLLING));
        }
        return isControlled() ? i64(buffer, find(StunAttribute.ICE_CONTROLLED)) : 0;
    }

    /** The number of ERROR-CODE, 300 to 699, or -1 when absent or out of range. */
    public int errorCode() {
        final int at = find(StunAttribute.ERROR_CODE);
        if (at == NOT_FOUND || attributeLength(at) < Integer.BYTES) {
            return NOT_FOUND;
        }
        final int hundreds = u8(buffer, at + 2) & 7;
        final int number = u8(buffer, at + 3);
        return hundreds < 3 || hundreds > 6 || number > 99 ? NOT_FOUND : 100 * hundreds + number;
    }

    /** The address of XOR-MAPPED-ADDRESS, or null when absent or malformed. Allocates the record. */
    public @Nullable TransportAddress xorMappedAddress() {
        final int at = find(StunAttribute.XOR_MAPPED_ADDRESS);
        return at == NOT_FOUND ? null : address(at, MAGIC_COOKIE,
            i64(buffer, offset + COOKIE_OFFSET), i64(buffer, offset + COOKIE_OFFSET + Long.BYTES));
    }

    /** The address of MAPPED-ADDRESS, or null when absent or malformed. Allocates the record. */
    public @Nullable TransportAddress mappedAddress() {
        final int at = find(StunAttribute.MAPPED_ADDRESS);
        return at == NOT_FOUND ? null : address(at, 0, 0, 0);
    }

    private @Nullable TransportAddress address(final int at, final int xor, final long xorHigh, final long xorLow) {
        final int size = attributeLength(at);
        if (size < IPV4_LENGTH) {
            return null;
        }
        final int family = u8(buffer, at + 1);
        final int port = u16(buffer, at + 2) ^ (xor >>> Short.SIZE);
        if (family == FAMILY_IPV4 && size == IPV4_LENGTH) {
            return TransportAddress.ofIpv4(i32(buffer, at + 4) ^ xor, port);
        }
        if (family == FAMILY_IPV6 && size == IPV6_LENGTH) {
            return new TransportAddress(i64(buffer, at + 4) ^ xorHigh, i64(buffer, at + 12) ^ xorLow, port);
        }
        return null;
    }

    /**
     * Collects attributes that the relay does not know and that the sender demands to be understood, for a 420 answer.
     *
     * @param into receives the types, as many as fit
     * @return how many were put into {@code into}
     */
    public int unknownRequired(final int[] into) {
        int count = 0;
        int at = offset + HEADER_LENGTH;
        while (at < end && count < into.length) {
            final int type = u16(buffer, at);
            if (StunAttribute.isComprehensionRequired(type) && !StunAttribute.isKnown(type) && isSeen(at, type)) {
                into[count++] = type;
            }
            at += ATTRIBUTE_HEADER + padded(u16(buffer, at + 2));
        }
        return count;
    }

    /** True when MESSAGE-INTEGRITY is there; {@link StunIntegrity#verify} says whether it is right. */
    public boolean hasIntegrity() {
        return integrity != NOT_FOUND;
    }

    /** True when FINGERPRINT is there. */
    public boolean hasFingerprint() {
        return fingerprint != NOT_FOUND;
    }

    /** True when FINGERPRINT is the last attribute and its CRC-32 is right (RFC 8489 section 14.7). */
    public boolean checkFingerprint() {
        return fingerprint != NOT_FOUND && fingerprint + ATTRIBUTE_HEADER + FINGERPRINT_LENGTH == end
            && i32(buffer, fingerprint + ATTRIBUTE_HEADER) == fingerprintOf(crc, chunk, buffer, offset, fingerprint);
    }

    /** Where the MESSAGE-INTEGRITY attribute (its type field) starts, or NOT_FOUND. */
    int integrityOffset() {
        return integrity;
    }

    static int fingerprintOf(final CRC32 crc, final byte[] chunk, final DirectBuffer buffer, final int from,
        final int to) {
        crc.reset();
        for (int at = from; at < to; at += chunk.length) {
            final int count = Math.min(chunk.length, to - at);
            buffer.getBytes(at, chunk, 0, count);
            crc.update(chunk, 0, count);
        }
        return (int) crc.getValue() ^ FINGERPRINT_XOR;
    }
}
