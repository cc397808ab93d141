package org.chevet.relay.dtls;

import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u24;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;

/**
 * Looks at every record of a datagram before the DTLS library does (RFC 6347 section 4.1 and 4.2.2), because the
 * library trusts what it should not: it reserves memory for a handshake length that anyone can claim
 * (CVE-2026-59646), and gives up a connected association for one short record.
 *
 * <pre>
 *  record:   type(8) | version(16) | epoch(16) | sequence(48) | length(16) | fragment
 *  fragment of a handshake message in epoch 0:
 *            type(8) | length(24) | message_seq(16) | fragment_offset(24) | fragment_length(24) | bytes
 * </pre>
 *
 * <p>Good records are copied, bad ones left out. Lane thread; allocates nothing.
 */
final class RecordFilter {
    /** Largest datagram taken, in bytes: real ClientHellos come in datagrams up to 1408. */
    static final int MAX_DATAGRAM = 2048;
    /** Largest handshake message, in bytes: real ones stay under 2 KiB. */
    static final int MAX_MESSAGE = 16 * 1024;
    /** Records of epoch 0 over the life of an association: a handshake under heavy loss needs about 100. */
    static final int MAX_CLEAR_RECORDS = 512;
    /** Bytes of epoch 0 records over the life of an association. */
    static final int MAX_CLEAR_BYTES = 256 * 1024;
    /** Explicit nonce and tag of AES-GCM (RFC 5288): nothing encrypted is shorter. */
    static final int MIN_ENCRYPTED = 24;

    private static final int RECORD_HEADER = 13;
    private static final int FRAGMENT_HEADER = 12;
    private static final int VERSION_OFFSET = 1;
    private static final int EPOCH_OFFSET = 3;
    private static final int LENGTH_OFFSET = 11;
    private static final int FRAGMENT_OFFSET = 6;
    private static final int FRAGMENT_LENGTH = 9;
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int HANDSHAKE = 22;
    private static final int APPLICATION_DATA = 23;
    /** DTLS 1.0, which a ClientHello may carry in its record header, and DTLS 1.2. */
    private static final int DTLS_1_0 = 0xFEFF;
    private static final int DTLS_1_2 = 0xFEFD;

    private int clearRecords;
    private int clearBytes;
    private boolean isAnyDropped;

    /**
     * Copies the good records of a datagram to the start of {@code out}.
     *
     * @param out at least {@link #MAX_DATAGRAM} bytes
     * @return bytes copied; 0 when nothing was good
     */
    int filter(final DirectBuffer in, final int offset, final int length, final byte[] out) {
        isAnyDropped = false;
        if (length > MAX_DATAGRAM) {
            isAnyDropped = true;
            return 0;
        }
        final int end = offset + length;
        int at = offset;
        int kept = 0;
        while (at < end) {
            if (end - at < RECORD_HEADER || u16(in, at + LENGTH_OFFSET) > end - at - RECORD_HEADER) {
                // Without a length to trust the rest of the datagram cannot be told apart.
                isAnyDropped = true;
                break;
            }
            final int size = RECORD_HEADER + u16(in, at + LENGTH_OFFSET);
            if (isGood(in, at, size)) {
                in.getBytes(at, out, kept, size);
                kept += size;
            } else {
                isAnyDropped = true;
            }
            at += size;
        }
        return kept;
    }

    /** True when the last call left something out. */
    boolean isAnyDropped() {
        return isAnyDropped;
    }

    private boolean isGood(final DirectBuffer in, final int at, final int size) {
        final int type = u8(in, at);
        final int version = u16(in, at + VERSION_OFFSET);
        final int body = size - RECORD_HEADER;
        if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA || (version != DTLS_1_0 && version != DTLS_1_2)) {
            return false;
        }
        if (u16(in, at + EPOCH_OFFSET) > 0) {
            return body >= MIN_ENCRYPTED;
        }
        if (body == 0 || type == APPLICATION_DATA
            || (type == HANDSHAKE && !areFragmentsGood(in, at + RECORD_HEADER, body))) {
            return false;
        }
        clearRecords = Math.min(clearRecords + 1, MAX_CLEAR_RECORDS + 1);
        clearBytes = Math.min(clearBytes + size, MAX_CLEAR_BYTES + 1);
        return clearRecords <= MAX_CLEAR_RECORDS && clearBytes <= MAX_CLEAR_BYTES;
    }

    private static boolean areFragmentsGood(final DirectBuffer in, final int from, final int length) {
        final int end = from + length;
        int at = from;
        while (at < end) {
            if (end - at < FRAGMENT_HEADER) {
                return false;
            }
            final int message = u24(in, at + 1);
            final int fragmentOffset = u24(in, at + FRAGMENT_OFFSET);
            final int fragment = u24(in, at + FRAGMENT_LENGTH);
            if (message > MAX_MESSAGE || fragmentOffset + fragment > message
                || fragment > end - at - FRAGMENT_HEADER || (fragment == 0 && message > 0)) {
                return false;
            }
            at += FRAGMENT_HEADER + fragment;
        }
        return true;
    }
}
