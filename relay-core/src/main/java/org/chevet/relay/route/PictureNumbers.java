package org.chevet.relay.route;

/**
 * PictureID and TL0PICIDX of one outgoing VP8 stream (RFC 7741 section 4.2): they go on without a seam when another
 * layer or publisher takes over, because a receiver takes a step back for an old frame.
 *
 * <p>Numbers travel packed, as {@link #pack} makes them of a payload descriptor. As long as there was one source only
 * they come out as they went in, and nobody has to touch a payload. Lane thread only.
 */
final class PictureNumbers {
    /** Packed numbers of a payload that has none. */
    static final int NONE = -1;
    private static final int LONG_MASK = 0x7FFF;
    private static final int SHORT_MASK = 0x7F;
    private static final int LONG = 0x8000;
    private static final int TL0_SHIFT = 16;
    private static final int TL0_MASK = 0xFF;
    private static final int HAS_TL0 = 1 << 24;
    private static final int HAS_PICTURE = 1 << 25;
    /** A multiple of the range of picture ids, far enough from 0 for what came before the first one. */
    private static final long FIRST_CYCLE = 1L << 20;

    private final Numbers pictures = new Numbers(FIRST_CYCLE);
    private boolean started;
    private boolean aligned;
    private long newest;
    private int tl0Offset;
    private int lastTl0;

    /**
     * Packs the numbers of a descriptor.
     *
     * @param pictureId 7 or 15 bits, negative when there is none
     * @param longId true for 15 bits
     * @param tl0 8 bits, negative when there is none
     */
    static int pack(final int pictureId, final boolean longId, final int tl0) {
        final int picture = pictureId < 0 ? 0 : HAS_PICTURE | (longId ? LONG : 0) | pictureId;
        final int base = tl0 < 0 ? 0 : HAS_TL0 | (tl0 << TL0_SHIFT);
        return (picture | base) == 0 ? NONE : picture | base;
    }

    /** PictureID of packed numbers. */
    static int pictureId(final int packed) {
        return packed & LONG_MASK;
    }

    /** TL0PICIDX of packed numbers. */
    static int tl0(final int packed) {
        return (packed >>> TL0_SHIFT) & TL0_MASK;
    }

    /** The next numbers are another source's, or come behind a stretch that was left out. */
    void begin() {
        aligned = false;
    }

    /** A frame of the present source is left out: the picture ids close up behind it. Again for it: nothing. */
    void skip(final int packed) {
        if (packed != NONE && (packed & HAS_PICTURE) != 0 && aligned) {
            pictures.skip(extend(packed));
        }
    }

    /** The outgoing numbers of a frame of the present source, packed; the first frame after {@link #begin} is next. */
    int place(final int packed) {
        if (packed == NONE) {
            return NONE;
        }
        final int out = placePicture(packed) | placeTl0(packed);
        aligned = true;
        started = true;
        return out;
    }

    private int placePicture(final int packed) {
        if ((packed & HAS_PICTURE) == 0) {
            return 0;
        }
        final int mask = (packed & LONG) == 0 ? SHORT_MASK : LONG_MASK;
        final int id = packed & mask;
        if (!aligned) {
            newest = FIRST_CYCLE + id;
            if (!started) {
                pictures.restart(newest);
            }
            pictures.resume(newest);
        }
        final long placed = pictures.place(extend(packed));
        // Older than the switch: its sequence number is refused before, so this is a frame that shares a number.
        final long out = placed == Numbers.TOO_LATE ? pictures.next() - 1 : placed;
        return HAS_PICTURE | (packed & LONG) | (int) (out & mask);
    }

    private long extend(final int packed) {
        final int mask = (packed & LONG) == 0 ? SHORT_MASK : LONG_MASK;
        final int ahead = ((packed & mask) - (int) newest) & mask;
        final long picture = newest + (ahead > mask / 2 ? ahead - mask - 1 : ahead);
        newest = Math.max(newest, picture);
        return picture;
    }

    private int placeTl0(final int packed) {
        if ((packed & HAS_TL0) == 0) {
            return 0;
        }
        final int in = tl0(packed);
        if (!aligned) {
            tl0Offset = started ? lastTl0 + 1 - in : 0;
            lastTl0 = (in + tl0Offset) & TL0_MASK;
        }
        final int out = (in + tl0Offset) & TL0_MASK;
        if ((byte) (out - lastTl0) > 0) {
            lastTl0 = out;
        }
        return HAS_TL0 | (out << TL0_SHIFT);
    }
}
