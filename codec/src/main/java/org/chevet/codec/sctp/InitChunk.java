package org.chevet.codec.sctp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u32;
import static org.chevet.codec.wire.BigEndian.u8;

/**
 * Flyweight over INIT and INIT ACK (RFC 9260 sections 3.3.2 and 3.3.3).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         initiate tag                          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |             advertised receiver window credit                 |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     outbound streams          |      inbound streams          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         initial TSN                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  parameters                                                   |
 * </pre>
 *
 * <p>Addresses, the zero checksum parameter and all others that are not named here are passed over, except that an
 * unknown one whose upper bit is clear ends the walk (section 3.2.1). Not thread-safe.
 */
public final class InitChunk {
    /** Parameter: state cookie of INIT ACK. */
    public static final int STATE_COOKIE = 7;
    /** Parameter: chunk types the sender knows (RFC 5061 section 4.2.7). */
    public static final int SUPPORTED_EXTENSIONS = 0x8008;
    /** Parameter: forward TSN supported (RFC 3758 section 3.1). */
    public static final int FORWARD_TSN_SUPPORTED = 0xC000;

    static final int FIXED_LENGTH = 16;
    private static final int LAST_BASE_PARAMETER = 12;
    private static final int SKIP_UNKNOWN = 0x8000;

    private final SctpParameters parameters = new SctpParameters();
    private int tag;
    private long window;
    private int outbound;
    private int inbound;
    private int initialTsn;
    private int cookieOffset;
    private int cookieLength;
    private boolean forwardTsn;
    private boolean reconfig;
    private boolean interleaving;
    private boolean interleavedForwardTsn;

    /** Takes the current chunk of {@code packet}; false when it is neither INIT nor INIT ACK or does not parse. */
    public boolean wrap(final SctpPacket packet) {
        final int type = packet.chunkType();
        final int at = packet.valueOffset();
        cookieOffset = 0;
        cookieLength = 0;
        forwardTsn = false;
        reconfig = false;
        interleaving = false;
        interleavedForwardTsn = false;
        if ((type != ChunkType.INIT && type != ChunkType.INIT_ACK) || packet.valueLength() < FIXED_LENGTH
            || !parameters.wrap(packet.buffer(), at + FIXED_LENGTH, packet.valueLength() - FIXED_LENGTH)) {
            return false;
        }
        tag = i32(packet.buffer(), at);
        window = u32(packet.buffer(), at + 4);
        outbound = u16(packet.buffer(), at + 8);
        inbound = u16(packet.buffer(), at + 10);
        initialTsn = i32(packet.buffer(), at + 12);
        while (parameters.next()) {
            final int parameter = parameters.type();
            if (parameter == STATE_COOKIE) {
                cookieOffset = parameters.valueOffset();
                cookieLength = parameters.valueLength();
            } else if (parameter == FORWARD_TSN_SUPPORTED) {
                forwardTsn = true;
            } else if (parameter == SUPPORTED_EXTENSIONS) {
                extensions();
            } else if (parameter > LAST_BASE_PARAMETER && (parameter & SKIP_UNKNOWN) == 0) {
                break;
            }
        }
        return true;
    }

    private void extensions() {
        for (int i = 0; i < parameters.valueLength(); i++) {
            switch (u8(parameters.buffer(), parameters.valueOffset() + i)) {
                case ChunkType.FORWARD_TSN -> forwardTsn = true;
                case ChunkType.RE_CONFIG -> reconfig = true;
                case ChunkType.I_DATA -> interleaving = true;
                case ChunkType.I_FORWARD_TSN -> interleavedForwardTsn = true;
                default -> {
                }
            }
        }
    }

    /** Initiate tag: what our packets must carry; 0 is not allowed. */
    public int tag() {
        return tag;
    }

    /** Advertised receiver window, in bytes. */
    public long window() {
        return window;
    }

    /** Streams the sender wants to send on; 0 is not allowed. */
    public int outboundStreams() {
        return outbound;
    }

    /** Streams the sender takes; 0 is not allowed. */
    public int inboundStreams() {
        return inbound;
    }

    /** First TSN the sender will use. */
    public int initialTsn() {
        return initialTsn;
    }

    /** Where the state cookie starts in the packet's buffer. */
    public int cookieOffset() {
        return cookieOffset;
    }

    /** Bytes of the state cookie; 0 when there is none. */
    public int cookieLength() {
        return cookieLength;
    }

    /** True when FORWARD TSN was offered, by its parameter or in the list of extensions. */
    public boolean hasForwardTsn() {
        return forwardTsn;
    }

    /** True when RE-CONFIG was offered. */
    public boolean hasReconfig() {
        return reconfig;
    }

    /** True when I-DATA was offered (RFC 8260 section 2.2.1), whatever else is. */
    public boolean hasInterleaving() {
        return interleaving;
    }

    /** True when I-FORWARD-TSN was offered. */
    public boolean hasInterleavedForwardTsn() {
        return interleavedForwardTsn;
    }
}
