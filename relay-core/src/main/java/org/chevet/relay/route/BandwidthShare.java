package org.chevet.relay.route;

import org.chevet.relay.bwe.Allocator;
import org.chevet.relay.bwe.ClinicalClass;
import org.chevet.relay.bwe.VideoProfile;

/**
 * Divides what can be sent to one subscriber among its sections and its device streams, and tells each video which
 * step of its {@link Ladder} to send. At once when somebody wants something else, otherwise at most every
 * {@link #INTERVAL_NS}, when rates or the budget were looked at anew. Lane thread only.
 */
final class BandwidthShare {
    /** Between two looks that nothing special called for. */
    static final long INTERVAL_NS = 100_000_000L;

    /** With video about, room for this much is worth knowing before somebody sends it. */
    private static final long MIN_USEFUL_BPS = 1_000_000;

    private final SubscriberSide side;
    private final Allocator allocator;
    private long vitalsBps;
    private long usefulBps;
    private long limitBps = Allocator.UNLIMITED;
    private long dividedNs;
    private boolean everDivided;

    BandwidthShare(final SubscriberSide side) {
        this.side = side;
        allocator = new Allocator(side.subscriptions.length + 1);
    }

    /** Measured rate of the participant's device streams, which come first and are not sent by the router. */
    void vitalsRate(final long rateBps, final long nowNs) {
        vitalsBps = rateBps;
        divide(nowNs);
    }

    /** The most that is to be sent, whatever the link takes. */
    void limit(final long rateBps, final long nowNs) {
        limitBps = rateBps;
        divide(nowNs);
    }

    /** Rates or the budget may have changed. */
    void divideIfDue(final long nowNs) {
        if (!everDivided || nowNs - dividedNs >= INTERVAL_NS) {
            divide(nowNs);
        }
    }

    /** Somebody wants something else of a section. */
    void divideAnew(final Subscription changed, final long nowNs) {
        for (int i = 0; i < side.subscriptions.length; i++) {
            if (side.subscriptions[i] == changed) {
                allocator.forget(i);
            }
        }
        divide(nowNs);
    }

    void divide(final long nowNs) {
        if (!side.connected) {
            return;
        }
        everDivided = true;
        dividedNs = nowNs;
        final int count = side.subscriptions.length;
        allocator.begin(side.router.examMode());
        allocator.whole(count, ClinicalClass.WAVEFORM, vitalsBps);
        usefulBps = vitalsBps;
        for (int i = 0; i < count; i++) {
            demand(i, side.subscriptions[i], nowNs);
        }
        // What is sent grows: half as much again is worth knowing of, up to the bound there is.
        side.control.setUsefulBps(Math.min(limitBps, usefulBps + usefulBps / 2));
        allocator.run(Math.min(limitBps, side.budgetBps()), nowNs);
        for (int i = 0; i < count; i++) {
            apply(i, side.subscriptions[i], nowNs);
        }
    }

    /** What one of the videos could use at most, see {@link Allocator#possibleBps}. */
    long possibleBps(final Subscription subscription) {
        for (int i = 0; i < side.subscriptions.length; i++) {
            if (side.subscriptions[i] == subscription && allocator.isAsked(i)) {
                return allocator.possibleBps(i);
            }
        }
        return Allocator.UNLIMITED;
    }

    private void demand(final int number, final Subscription subscription, final long nowNs) {
        final Publication publication = subscription.publication;
        if (publication == null || publication.muted) {
            return;
        }
        final ClinicalClass clinicalClass = publication.clinicalClass();
        if (!subscription.isVideo()) {
            allocator.whole(number, clinicalClass, publication.layers[0].rateBps());
            usefulBps += publication.layers[0].rateBps();
            return;
        }
        if (subscription.wish().paused()) {
            return;
        }
        final VideoProfile own = subscription.wish().profile() == VideoProfile.BALANCED ? publication.profile()
            : subscription.wish().profile();
        final VideoProfile profile = side.router.examMode().profile(clinicalClass, own);
        final Ladder ladder = side.router.ladder;
        subscription.climb(ladder, profile, side.router.examMode().maxQueueNs(clinicalClass), nowNs);
        usefulBps = Math.max(usefulBps, MIN_USEFUL_BPS);
        if (ladder.size() > 0) {
            usefulBps += ladder.rateBps(ladder.size() - 1);
            allocator.video(number, clinicalClass, own);
            for (int step = 0; step < ladder.size(); step++) {
                allocator.step(number, ladder.rateBps(step), ladder.tag(step));
            }
        }
    }

    private void apply(final int number, final Subscription subscription, final long nowNs) {
        final Publication publication = subscription.publication;
        if (publication == null || publication.muted || !subscription.isVideo()) {
            return;
        }
        if (subscription.wish().paused()) {
            subscription.pause();
        } else if (allocator.step(number) != Allocator.PAUSED) {
            final int tag = allocator.tag(number);
            subscription.aim(publication.layers[Ladder.layerOf(tag)], Ladder.spatialOf(tag), Ladder.temporalOf(tag),
                nowNs);
        } else if (allocator.isAsked(number)) {
            subscription.pause();
        } else {
            subscription.unpause();
        }
    }
}
