package org.chevet.codec.sdp;

/** Bounds of what {@link SessionDescription#parse} takes; beyond them is an {@link SdpException}. */
public final class SdpLimits {
    /** Characters of the whole text; an offer of one camera and one microphone has about 7000. */
    public static final int MAX_CHARACTERS = 64 * 1024;
    /** Characters of one line. */
    public static final int MAX_LINE = 4096;
    /** Lines of the whole text. */
    public static final int MAX_LINES = 4096;
    /** Media sections. */
    public static final int MAX_SECTIONS = 64;
    /** Attributes at session level, and of each media section. */
    public static final int MAX_ATTRIBUTES = 1024;
    /** Formats (payload types) of one media section, and members of one group. */
    public static final int MAX_LIST = 128;

    private SdpLimits() {
    }
}
