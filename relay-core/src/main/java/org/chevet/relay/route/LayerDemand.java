package org.chevet.relay.route;

import java.util.List;

/**
 * What all subscribers of a video together want of it, for its publisher: encodings nobody wants need not be sent. It
 * comes from wishes alone, not from bandwidth, and encodings below a wanted one stay wanted, because a subscriber
 * whose link gets worse needs them at once. A snapshot: safe on any thread.
 *
 * @param publication publication id
 * @param peer the publisher's connection
 * @param mid section of the publisher's offer
 * @param rids encodings somebody wants, in the order of the offer; "" stands for the only one; empty: nobody wants any
 * @param maxWidth widest picture anybody wants, {@link VideoWish#NO_LIMIT} for no bound, 0 when nobody wants any
 * @param maxHeight highest picture, likewise
 * @param maxFps most pictures a second, likewise
 */
public record LayerDemand(int publication, int peer, String mid, List<String> rids, int maxWidth, int maxHeight,
    int maxFps) {

    /** Copies the list. */
    public LayerDemand {
        rids = List.copyOf(rids);
    }
}
