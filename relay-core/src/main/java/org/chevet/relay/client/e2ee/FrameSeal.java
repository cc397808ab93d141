package org.chevet.relay.client.e2ee;

/** Encoded frames of a track: clear bytes that the relay may read, then the SFrame message that authenticates them. */
public final class FrameSeal {
    /** First bytes of a VP8 key frame that stay clear (RFC 6386 section 9.1). */
    public static final int VP8_KEY_CLEAR = 10;
    /** First bytes of another VP8 frame that stay clear. */
    public static final int VP8_DELTA_CLEAR = 1;

    private FrameSeal() {
    }

    /** Bytes of a VP8 frame that stay clear; never more than it has. */
    public static int vp8Clear(final byte[] frame, final int offset, final int length) {
        if (length == 0) {
            return 0;
        }
        return Math.min(length, (frame[offset] & 1) == 0 ? VP8_KEY_CLEAR : VP8_DELTA_CLEAR);
    }

    /**
     * Seals a frame.
     *
     * @param clear first bytes that stay as they are
     * @param out has room for length + {@link Sealer#MAX_OVERHEAD}; another array than the frame
     * @return bytes written, or a negative code of {@link Sealer}
     */
    public static int seal(final Sealer sealer, final byte[] frame, final int length, final int clear,
        final byte[] out) {
        final int sealed = sealer.seal(frame, clear, frame, clear, length - clear, out, clear);
        if (sealed < 0) {
            return sealed;
        }
        System.arraycopy(frame, 0, out, 0, clear);
        return clear + sealed;
    }

    /**
     * Opens a frame.
     *
     * @param out has room for length; another array than the frame
     * @return bytes written, or a negative code of {@link Opener}
     */
    public static int open(final Opener opener, final SealKind kind, final String participant, final byte[] frame,
        final int length, final int clear, final byte[] out, final long nowNs) {
        final int plain = opener.open(kind, participant, Opener.ANY_COUNTER, frame, clear, frame, clear,
            length - clear, out, clear, nowNs);
        if (plain < 0) {
            return plain;
        }
        System.arraycopy(frame, 0, out, 0, clear);
        return clear + plain;
    }
}
