package org.chevet.relay.stream;

/**
 * Key frame requests towards one source: many may ask, one request leaves per {@link #MIN_INTERVAL_NS}, and it is
 * repeated while no key frame comes. Lane thread only.
 */
public final class KeyFrameThrottle {
    /** Least time between two requests. */
    public static final long MIN_INTERVAL_NS = 500_000_000L;
    /** Requests without an answer after which the source is left alone until somebody asks again. */
    public static final int MAX_TRIES = 20;

    private boolean wanted;
    private boolean everSent;
    private long sentNs;
    private int tries;

    /** Somebody needs a key frame. */
    public void ask() {
        wanted = true;
        tries = 0;
    }

    /** A key frame came: nobody waits any more. */
    public void onKeyFrame() {
        wanted = false;
    }

    /** True when a request is to be sent now; it then counts as sent. */
    public boolean poll(final long nowNs) {
        if (nowNs < nextDeadlineNs()) {
            return false;
        }
        everSent = true;
        sentNs = nowNs;
        tries++;
        wanted = tries < MAX_TRIES;
        return true;
    }

    /** When {@link #poll} has something: {@code Long.MIN_VALUE} for at once, {@code Long.MAX_VALUE} for never. */
    public long nextDeadlineNs() {
        if (!wanted) {
            return Long.MAX_VALUE;
        }
        return everSent ? sentNs + MIN_INTERVAL_NS : Long.MIN_VALUE;
    }
}
