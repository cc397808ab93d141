package org.chevet.codec.sctp;

import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/**
 * CRC32c of an SCTP packet with the checksum field taken as zero (RFC 9260 section 6.8 and appendix A). The value
 * stands on the wire least significant byte first. Makes no garbage. Not thread-safe.
 */
final class SctpChecksum {
    static final int FIELD_OFFSET = 8;
    private static final int FIELD_LENGTH = 4;
    private static final int STAGE_LENGTH = 2048;

    private final CRC32C crc = new CRC32C();
    private final byte[] stage = new byte[STAGE_LENGTH];

    /** The checksum of the packet; {@code length} at least that of the common header. */
    int of(final DirectBuffer packet, final int offset, final int length) {
        crc.reset();
        int done = Math.min(length, STAGE_LENGTH);
        packet.getBytes(offset, stage, 0, done);
        for (int i = 0; i < FIELD_LENGTH; i++) {
            stage[FIELD_OFFSET + i] = 0;
        }
        crc.update(stage, 0, done);
        while (done < length) {
            final int count = Math.min(length - done, STAGE_LENGTH);
            packet.getBytes(offset + done, stage, 0, count);
            crc.update(stage, 0, count);
            done += count;
        }
        return (int) crc.getValue();
    }

    /** The field as it stands in the packet. */
    static int field(final DirectBuffer packet, final int offset) {
        return packet.getInt(offset + FIELD_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }
}
