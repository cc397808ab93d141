package org.chevet.codec.sctp;

/** Chunk types, and what the two upper bits of an unknown one ask for (RFC 9260 section 3.2). Stateless. */
public final class ChunkType {
    /** User data (RFC 9260 section 3.3.1). */
    public static final int DATA = 0;
    /** Opens an association (section 3.3.2). */
    public static final int INIT = 1;
    /** Answer to INIT with a cookie (section 3.3.3). */
    public static final int INIT_ACK = 2;
    /** Acknowledges data (section 3.3.4). */
    public static final int SACK = 3;
    /** Asks whether the path is alive (section 3.3.5). */
    public static final int HEARTBEAT = 4;
    /** Answer to HEARTBEAT (section 3.3.6). */
    public static final int HEARTBEAT_ACK = 5;
    /** Ends an association at once (section 3.3.7). */
    public static final int ABORT = 6;
    /** Starts an orderly end (section 3.3.8). */
    public static final int SHUTDOWN = 7;
    /** Answer to SHUTDOWN (section 3.3.9). */
    public static final int SHUTDOWN_ACK = 8;
    /** Reports an error that ends nothing (section 3.3.10). */
    public static final int ERROR = 9;
    /** Hands the cookie back (section 3.3.11). */
    public static final int COOKIE_ECHO = 10;
    /** The association is up (section 3.3.12). */
    public static final int COOKIE_ACK = 11;
    /** Last word of an orderly end (section 3.3.13). */
    public static final int SHUTDOWN_COMPLETE = 14;
    /** User data that may be interleaved (RFC 8260 section 2.1). */
    public static final int I_DATA = 64;
    /** Stream reset (RFC 6525 section 3.1). */
    public static final int RE_CONFIG = 130;
    /** Skips abandoned DATA (RFC 3758 section 3.2). */
    public static final int FORWARD_TSN = 192;
    /** Skips abandoned I-DATA (RFC 8260 section 2.3.1). */
    public static final int I_FORWARD_TSN = 194;

    private static final int SKIP = 0x80;
    private static final int REPORT = 0x40;

    private ChunkType() {
    }

    /** True when the chunks behind an unknown one of this type are processed; false: the rest of the packet is not. */
    public static boolean skipsUnknown(final int type) {
        return (type & SKIP) != 0;
    }

    /** True when an unknown chunk of this type is reported in an ERROR chunk. */
    public static boolean reportsUnknown(final int type) {
        return (type & REPORT) != 0;
    }
}
