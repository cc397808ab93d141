package org.chevet.relay.lane;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which lane a datagram is for when all lanes share one port, and the way there; which one a TCP connection is for.
 * The kernel picks a lane by the addresses alone, so most clients reach a lane that does not know them; each such
 * flow always reaches the same one.
 *
 * <p>The lane of a user fragment is known from admission on; the lane of an address is learnt from the checks that
 * come from it ({@link ForeignFlows}), and may be wrong without harm: the lane it is handed to looks again whether it
 * knows the sender. Safe on any thread.
 */
public final class Steering {
    private final Map<String, Integer> laneOfUfrag = new ConcurrentHashMap<>();
    private final @Nullable Handover[] inboxes;

    private Steering(final int lanes) {
        inboxes = new @Nullable Handover[lanes];
    }

    /** For lanes with a port each: nothing is ever handed over. */
    public static Steering none() {
        return new Steering(0);
    }

    /** For lanes that share a port. Every lane must be made before the first datagram comes. */
    public static Steering between(final int lanes) {
        return new Steering(lanes);
    }

    /** Lanes that share the port; 0 when none does. */
    int lanes() {
        return inboxes.length;
    }

    /** True when there is another lane a datagram could be for. */
    boolean isShared() {
        return inboxes.length > 1;
    }

    /** Takes in a lane's inbox, before the first datagram comes. */
    void join(final int lane, final Handover inbox) {
        inboxes[lane] = inbox;
    }

    /** Checks with this user fragment are for that lane. */
    void add(final String ufrag, final int lane) {
        laneOfUfrag.put(ufrag, lane);
    }

    /** The connection is gone. */
    void remove(final String ufrag) {
        laneOfUfrag.remove(ufrag);
    }

    /** Where checks with this user fragment go, or null. */
    @Nullable Handover ofUfrag(final String ufrag) {
        final Integer lane = laneOfUfrag.get(ufrag);
        return lane == null || !isShared() ? null : inboxes[lane];
    }

    /** The lane of the peer with this user fragment, for a TCP connection that has none yet; null without a peer. */
    @Nullable Integer laneOf(final String ufrag) {
        return laneOfUfrag.get(ufrag);
    }
}
