package org.chevet.relay.route;

import org.chevet.codec.rtcp.RtcpWriter;

/**
 * What a publisher is asked to send at most, by REMB (draft-alvestrand-rmcat-remb-03): as much as its subscribers can
 * make use of. It matters in two cases: nobody wants a picture as large as the publisher could send, or a video has one
 * encoding and no subscriber has room for it, so that only its encoder can make it fit. A publisher with a video that
 * nobody receives, or that somebody may need whole, is not capped: who joins is to see a picture at once.
 *
 * <p>Looked at with the rates of layers, sent with what is due anyway. Lane thread only.
 */
final class UplinkCap {
    /** In place of a cap. */
    static final long NONE = Long.MAX_VALUE;
    /** Told to a publisher whose cap ends. */
    static final long LIFTED_BPS = 1_000_000_000L;
    /** No cap is lower: room for sound, and for a video to begin with. */
    static final long FLOOR_BPS = 100_000;
    /** A cap is repeated, as it may get lost; the end of one for as many times as {@link #LIFTS}. */
    static final long REPEAT_NS = 1_000_000_000L;
    static final int LIFTS = 3;

    /** Share of the room for a video that its encoder is given, so that it fits with the allocator's margin. */
    private static final int OFFERED_PERCENT = 80;
    /** What is measured may grow by a quarter. */
    private static final int GROWTH_PERCENT = 125;
    private static final int PERCENT = 100;
    /** Sources named in one message; senders do not look at more than the rate. */
    private static final int MAX_SOURCES = 64;
    /** What a picture costs at most: 720 lines take 2.8 Mbit/s, 180 lines 170 kbit/s. */
    private static final int BITS_PER_PIXEL = 3;
    private static final long UNMEASURED_AUDIO_BPS = 64_000;
    /** Smaller changes are not told before the next repetition. */
    private static final int CHANGE_PERCENT = 5;

    private final Publication[] publications;
    private final boolean agreed;
    private final int[] ssrcs;
    private long capBps = NONE;
    private long toldBps = NONE;
    private long toldNs;
    private int liftsLeft;

    UplinkCap(final Publication[] publications) {
        this.publications = publications;
        boolean any = false;
        int layers = 0;
        for (final Publication publication : publications) {
            for (final NegotiatedCodec codec : publication.section.codecs()) {
                any |= publication.isVideo() && codec.remb();
            }
            layers += publication.layers.length;
        }
        agreed = any;
        ssrcs = new int[Math.min(layers, MAX_SOURCES)];
    }

    /** Looks what is needed; sending it waits for {@link #write}. */
    void look() {
        if (!agreed) {
            return;
        }
        long sumBps = 0;
        for (final Publication publication : publications) {
            final long needBps = publication.isVideo() ? videoBps(publication) : audioBps(publication);
            sumBps = needBps == NONE || sumBps == NONE ? NONE : sumBps + needBps;
        }
        capBps = sumBps >= LIFTED_BPS ? NONE : Math.max(sumBps, FLOOR_BPS);
    }

    private static long audioBps(final Publication publication) {
        final long rateBps = publication.layers[0].rateBps();
        return rateBps == 0 ? UNMEASURED_AUDIO_BPS : rateBps * GROWTH_PERCENT / PERCENT;
    }

    private static long videoBps(final Publication publication) {
        long mostBps = 0;
        boolean anybody = false;
        for (final Subscription subscription : publication.subscriptions) {
            if (!subscription.wish().paused() && subscription.subscriber.connected && !publication.muted) {
                anybody = true;
                mostBps = Math.max(mostBps, needOf(publication, subscription));
            }
        }
        return anybody ? mostBps : NONE;
    }

    private static long needOf(final Publication publication, final Subscription subscription) {
        final long wishedBps = wishedBps(publication, subscription.wish());
        final Layer only = publication.layers[0];
        if (publication.layers.length > 1 || only.marks.maxSpatial() > 0 || only.lastRateBps() == 0) {
            return wishedBps;
        }
        final long offeredBps = subscription.subscriber.share.possibleBps(subscription);
        return offeredBps == NONE ? wishedBps : Math.min(wishedBps, offeredBps / PERCENT * OFFERED_PERCENT);
    }

    /** All encodings within a wish; no bound when the wish leaves none out, or not all are known. */
    private static long wishedBps(final Publication publication, final VideoWish wish) {
        long sumBps = 0;
        boolean all = true;
        for (final Layer layer : publication.layers) {
            if (layer.lastRateBps() == 0) {
                return NONE;
            }
            int spatial = layer.marks.maxSpatial();
            while (spatial >= 0 && !wish.allows(publication.width(layer, spatial),
                publication.height(layer, spatial))) {
                spatial--;
                all = false;
            }
            if (spatial >= 0) {
                final long pixels = (long) publication.width(layer, spatial) * publication.height(layer, spatial);
                sumBps += Math.max(pixels * BITS_PER_PIXEL, spatial < layer.marks.maxSpatial() ? 0
                    : layer.lastRateBps() * GROWTH_PERCENT / PERCENT);
            }
        }
        if (all) {
            return NONE;
        }
        // A wish below the smallest: the smallest is sent, and an encoder of one size needs no more bits than that.
        final long boundBps = (long) Math.min(wish.maxWidth(), Ladder.ASSUMED_WIDTH)
            * Math.min(wish.maxHeight(), Ladder.ASSUMED_HEIGHT) * BITS_PER_PIXEL;
        return Math.max(sumBps, boundBps);
    }

    /** True when the publisher is to hear of it now. */
    boolean isDue(final long nowNs) {
        if (capBps == NONE) {
            return toldBps != NONE || (liftsLeft > 0 && nowNs - toldNs >= REPEAT_NS);
        }
        return toldBps == NONE || nowNs - toldNs >= REPEAT_NS
            || Math.abs(capBps - toldBps) > toldBps / PERCENT * CHANGE_PERCENT;
    }

    /** Adds the REMB; false when the datagram has no room for it. */
    boolean write(final RtcpWriter writer, final int senderSsrc, final long nowNs) {
        int count = 0;
        for (final Publication publication : publications) {
            for (final Layer layer : publication.layers) {
                if (layer.known && count < ssrcs.length) {
                    ssrcs[count++] = layer.ssrc;
                }
            }
        }
        if (!writer.remb(senderSsrc, capBps == NONE ? LIFTED_BPS : capBps, ssrcs, count)) {
            return false;
        }
        liftsLeft = capBps != NONE ? 0 : toldBps != NONE ? LIFTS - 1 : liftsLeft - 1;
        toldBps = capBps;
        toldNs = nowNs;
        return true;
    }
}
