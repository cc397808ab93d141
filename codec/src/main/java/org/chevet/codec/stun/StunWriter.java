package org.chevet.codec.stun;

import static org.chevet.codec.wire.BigEndian.put16;
import static org.chevet.codec.wire.BigEndian.put32;
import static org.chevet.codec.wire.BigEndian.put64;
import static org.chevet.codec.wire.BigEndian.put8;

import java.nio.ByteOrder;
import java.util.zip.CRC32;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;

/**
 * Writes one STUN message (RFC 8489 section 5) into the caller's buffer: begin, attributes in the order of the calls,
 * {@link #integrity}, {@link #fingerprint}, then {@link #length()}.
 *
 * <p>What does not fit the capacity makes the whole message void: {@link #length()} is 0 and nothing is written past
 * the limit. Allocates nothing. Reusable. Not thread-safe.
 */
public final class StunWriter {
    private final CRC32 crc = new CRC32();
    private final byte[] chunk = new byte[256];
    private MutableDirectBuffer out = new UnsafeBuffer(0, 0);
    private int offset;
    private int at;
    private int limit;
    private boolean isVoid = true;

    /**
     * Starts a message of this type with the transaction id at {@code idOffset} of {@code id}, which may be the same
     * buffer as {@code out} at another place. {@code capacity} is what may be written from {@code offset}.
     */
    public StunWriter begin(final MutableDirectBuffer out, final int offset, final int capacity, final int type,
        final DirectBuffer id, final int idOffset) {
        this.out = out;
        this.offset = offset;
        limit = offset + capacity;
        at = offset;
        isVoid = capacity < StunMessage.HEADER_LENGTH;
        if (!isVoid) {
            put16(out, offset, type);
            put16(out, offset + StunMessage.LENGTH_OFFSET, 0);
            put32(out, offset + StunMessage.COOKIE_OFFSET, StunMessage.MAGIC_COOKIE);
            out.putBytes(offset + StunMessage.TRANSACTION_ID_OFFSET, id, idOffset, StunMessage.TRANSACTION_ID_LENGTH);
            at += StunMessage.HEADER_LENGTH;
        }
        return this;
    }

    /** Starts an answer of this type ({@link StunMessage#BINDING_SUCCESS}) to a request: same transaction id. */
    public StunWriter respond(final MutableDirectBuffer out, final int offset, final int capacity, final int type,
        final StunMessage request) {
        return begin(out, offset, capacity, type, request.buffer(), request.transactionIdOffset());
    }

    /** Adds an attribute with these bytes as value. */
    public StunWriter attribute(final int type, final byte[] value) {
        final int value0 = open(type, value.length);
        if (value0 >= 0) {
            out.putBytes(value0, value);
        }
        return this;
    }

    /** Adds an attribute with {@code length} bytes of {@code source} as value. */
    public StunWriter attribute(final int type, final DirectBuffer source, final int from, final int length) {
        final int value0 = open(type, length);
        if (value0 >= 0) {
            out.putBytes(value0, source, from, length);
        }
        return this;
    }

    /** Adds USERNAME: in a check {@code receiver ufrag:sender ufrag}, ASCII. */
    public StunWriter username(final byte[] username) {
        return attribute(StunAttribute.USERNAME, username);
    }

    /** Adds PRIORITY, an unsigned 32-bit number. */
    public StunWriter priority(final long priority) {
        final int value0 = open(StunAttribute.PRIORITY, Integer.BYTES);
        if (value0 >= 0) {
            put32(out, value0, priority);
        }
        return this;
    }

    /** Adds USE-CANDIDATE. */
    public StunWriter useCandidate() {
        open(StunAttribute.USE_CANDIDATE, 0);
        return this;
    }

    /** Adds ICE-CONTROLLING. */
    public StunWriter iceControlling(final long tieBreaker) {
        return tieBreaker(StunAttribute.ICE_CONTROLLING, tieBreaker);
    }

    /** Adds ICE-CONTROLLED. */
    public StunWriter iceControlled(final long tieBreaker) {
        return tieBreaker(StunAttribute.ICE_CONTROLLED, tieBreaker);
    }

    private StunWriter tieBreaker(final int type, final long value) {
        final int value0 = open(type, Long.BYTES);
        if (value0 >= 0) {
            put64(out, value0, value);
        }
        return this;
    }

    /** Adds XOR-MAPPED-ADDRESS (RFC 8489 section 14.2). */
    public StunWriter xorMappedAddress(final TransportAddress address) {
        final int value0 = open(StunAttribute.XOR_MAPPED_ADDRESS,
            address.isIpv4() ? StunMessage.IPV4_LENGTH : StunMessage.IPV6_LENGTH);
        if (value0 < 0) {
            return this;
        }
        put8(out, value0, 0);
        put8(out, value0 + 1, address.isIpv4() ? StunMessage.FAMILY_IPV4 : StunMessage.FAMILY_IPV6);
        put16(out, value0 + 2, address.port() ^ (StunMessage.MAGIC_COOKIE >>> Short.SIZE));
        if (address.isIpv4()) {
            put32(out, value0 + 4, address.ipv4() ^ StunMessage.MAGIC_COOKIE);
        } else {
            final int pad = offset + StunMessage.COOKIE_OFFSET;
            put64(out, value0 + 4, address.high() ^ out.getLong(pad, ByteOrder.BIG_ENDIAN));
            put64(out, value0 + 12, address.low() ^ out.getLong(pad + Long.BYTES, ByteOrder.BIG_ENDIAN));
        }
        return this;
    }

    /** Adds ERROR-CODE: {@code code} 300 to 699, {@code reason} in UTF-8, may be empty. */
    public StunWriter errorCode(final int code, final byte[] reason) {
        final int value0 = open(StunAttribute.ERROR_CODE, Integer.BYTES + reason.length);
        if (value0 >= 0) {
            put16(out, value0, 0);
            put8(out, value0 + 2, code / 100);
            put8(out, value0 + 3, code % 100);
            out.putBytes(value0 + 4, reason);
        }
        return this;
    }

    /** Adds UNKNOWN-ATTRIBUTES with the first {@code count} types, as {@link StunMessage#unknownRequired} gives. */
    public StunWriter unknownAttributes(final int[] types, final int count) {
        final int value0 = open(StunAttribute.UNKNOWN_ATTRIBUTES, count * Short.BYTES);
        if (value0 >= 0) {
            for (int i = 0; i < count; i++) {
                put16(out, value0 + i * Short.BYTES, types[i]);
            }
        }
        return this;
    }

    /** Adds MESSAGE-INTEGRITY over what was written so far; only {@link #fingerprint} may follow. */
    public StunWriter integrity(final StunIntegrity key) {
        final int value0 = open(StunAttribute.MESSAGE_INTEGRITY, StunMessage.HMAC_LENGTH);
        if (value0 >= 0 && !key.sign(out, offset, value0 - StunMessage.ATTRIBUTE_HEADER)) {
            isVoid = true;
        }
        return this;
    }

    /** Adds FINGERPRINT over what was written so far; nothing may follow. */
    public StunWriter fingerprint() {
        final int value0 = open(StunAttribute.FINGERPRINT, StunMessage.FINGERPRINT_LENGTH);
        if (value0 >= 0) {
            put32(out, value0, StunMessage.fingerprintOf(crc, chunk, out, offset,
                value0 - StunMessage.ATTRIBUTE_HEADER));
        }
        return this;
    }

    /** Bytes of the message so far, always a whole one, or 0 when it did not fit the capacity. */
    public int length() {
        return isVoid ? 0 : at - offset;
    }

    /** Writes the attribute header and zero padding, moves on, keeps the length field right. */
    private int open(final int type, final int size) {
        final int whole = StunMessage.ATTRIBUTE_HEADER + StunMessage.padded(size);
        if (isVoid || whole > limit - at) {
            isVoid = true;
            return StunMessage.NOT_FOUND;
        }
        final int header = at;
        at += whole;
        if (StunMessage.padded(size) != size) {
            put32(out, at - Integer.BYTES, 0);
        }
        put16(out, header, type);
        put16(out, header + 2, size);
        put16(out, offset + StunMessage.LENGTH_OFFSET, at - offset - StunMessage.HEADER_LENGTH);
        return header + StunMessage.ATTRIBUTE_HEADER;
    }
}
