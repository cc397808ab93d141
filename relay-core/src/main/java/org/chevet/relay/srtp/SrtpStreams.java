package org.chevet.relay.srtp;

import org.agrona.collections.Int2ObjectHashMap;
import org.chevet.codec.wire.SerialNumbers;
import org.jspecify.annotations.Nullable;

/**
 * The windows of all SSRCs of one direction and one kind (SRTP or SRTCP). Bounded; a stream is never forgotten,
 * because its indices could then be used again under the same key.
 */
final class SrtpStreams {
    private static final int SEQUENCE_BITS = 16;

    private final int limit;
    private final Int2ObjectHashMap<ReplayWindow> windows = new Int2ObjectHashMap<>();
    private @Nullable ReplayWindow last;
    private int lastSsrc;

    SrtpStreams(final int limit) {
        this.limit = limit;
    }

    /** The window of an SSRC that had an authentic packet, or null. */
    @Nullable ReplayWindow find(final int ssrc) {
        if (last == null || lastSsrc != ssrc) {
            final ReplayWindow found = windows.get(ssrc);
            if (found == null) {
                return null;
            }
            last = found;
            lastSsrc = ssrc;
        }
        return last;
    }

    /** True when no further SSRC is taken. */
    boolean isFull() {
        return windows.size() >= limit;
    }

    /** Takes an index that was fresh, and the SSRC with it when it is new. */
    void accept(final int ssrc, final @Nullable ReplayWindow known, final long index) {
        ReplayWindow window = known;
        if (window == null) {
            window = new ReplayWindow();
            windows.put(ssrc, window);
        }
        window.accept(index);
    }

    /**
     * The 48-bit index of a packet (RFC 3711 section 3.3.1): the rollover counter that brings it nearest to the
     * highest index. Negative when that would be before the first packet.
     */
    static long indexOf(final @Nullable ReplayWindow window, final int sequence) {
        if (window == null) {
            return sequence;
        }
        final long highest = window.highest();
        return highest + SerialNumbers.distance16((int) highest, sequence);
    }

    /** The rollover counter of an index. */
    static int rollover(final long index) {
        return (int) (index >>> SEQUENCE_BITS);
    }
}
