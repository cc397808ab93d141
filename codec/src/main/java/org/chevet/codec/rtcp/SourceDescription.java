package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Walks the chunks of a source description (RFC 3550 section 6.5) and finds the CNAME of each.
 *
 * <pre>
 * |V=2|P|    SC   |  PT=SDES=202  |             length            |
 * |                          SSRC/CSRC_1                          |
 * |  item type    |    length     |  text ...         | 0 to word |
 * </pre>
 *
 * <p>Borrows the walker's buffer until the next wrap. Not thread-safe.
 */
public final class SourceDescription {
    private static final int CNAME = 1;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int end;
    private int nextChunk;
    private int chunksLeft;
    private int ssrc;
    private int cnameOffset;
    private int cnameLength;

    /** Takes the packet the walker stands on; false when it is no source description. */
    public boolean wrap(final RtcpCompound packet) {
        buffer = packet.buffer();
        end = packet.packetOffset() + packet.packetLength();
        nextChunk = packet.packetOffset() + RtcpType.HEADER_LENGTH;
        chunksLeft = 0;
        if (!packet.isType(RtcpType.SOURCE_DESCRIPTION, RtcpType.HEADER_LENGTH)) {
            return false;
        }
        chunksLeft = packet.format();
        return true;
    }

    /** Moves to the next chunk; false when there is none or it is malformed. */
    public boolean next() {
        if (chunksLeft == 0 || end - nextChunk < 2 * Integer.BYTES) {
            return false;
        }
        chunksLeft--;
        ssrc = i32(buffer, nextChunk);
        cnameOffset = nextChunk;
        cnameLength = 0;
        int at = nextChunk + Integer.BYTES;
        while (at < end) {
            final int type = u8(buffer, at);
            if (type == 0) {
                // Items end with a zero; the next chunk starts on a word boundary of the packet.
                nextChunk = end - ((end - at - 1) & ~3);
                return true;
            }
            if (end - at < 2 || u8(buffer, at + 1) > end - at - 2) {
                break;
            }
            if (type == CNAME) {
                cnameOffset = at + 2;
                cnameLength = u8(buffer, at + 1);
            }
            at += 2 + u8(buffer, at + 1);
        }
        chunksLeft = 0;
        return false;
    }

    /** The source this chunk describes. */
    public int ssrc() {
        return ssrc;
    }

    /** Where its canonical name starts, UTF-8. */
    public int cnameOffset() {
        return cnameOffset;
    }

    /** Bytes of its canonical name, 0 when the chunk has none. */
    public int cnameLength() {
        return cnameLength;
    }
}
