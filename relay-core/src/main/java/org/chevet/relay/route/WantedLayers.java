package org.chevet.relay.route;

import java.util.ArrayList;
import java.util.List;

/**
 * What of one video its subscribers want, and whether its publisher was told. More is told at once; less only when it
 * has been so for {@link #HOLD_NS}, because people come, go and turn pages. Lane thread only.
 */
final class WantedLayers {
    /** Nobody has wanted it for so long when the publisher hears so. */
    static final long HOLD_NS = 3_000_000_000L;
    private static final long NOT_LESS = Long.MIN_VALUE;

    private final Publication publication;
    private int layers;
    private int width;
    private int height;
    private int fps;
    private int toldLayers;
    private int toldWidth = VideoWish.NO_LIMIT;
    private int toldHeight = VideoWish.NO_LIMIT;
    private int toldFps = VideoWish.NO_LIMIT;
    private long lessNs = NOT_LESS;

    WantedLayers(final Publication publication) {
        this.publication = publication;
        toldLayers = (1 << publication.layers.length) - 1;
    }

    /** Looks at the wishes, and tells the router's listener when there is news. */
    void report(final long nowNs) {
        look();
        if (layers == toldLayers && width == toldWidth && height == toldHeight && fps == toldFps) {
            lessNs = NOT_LESS;
            return;
        }
        final boolean more = (layers & ~toldLayers) != 0 || width > toldWidth || height > toldHeight || fps > toldFps;
        lessNs = lessNs == NOT_LESS ? nowNs : lessNs;
        if (more || nowNs - lessNs >= HOLD_NS) {
            lessNs = NOT_LESS;
            toldLayers = layers;
            toldWidth = width;
            toldHeight = height;
            toldFps = fps;
            publication.publisher.router.tell(demand());
        }
    }

    private void look() {
        layers = 0;
        width = 0;
        height = 0;
        fps = 0;
        for (final Subscription subscription : publication.subscriptions) {
            final VideoWish wish = subscription.wish();
            if (!wish.paused()) {
                width = Math.max(width, wish.maxWidth());
                height = Math.max(height, wish.maxHeight());
                fps = Math.max(fps, wish.maxFps());
                layers |= within(wish);
            }
        }
    }

    /** Encodings that fit a wish, the smallest at any rate, and those of which nothing is known yet. */
    private int within(final VideoWish wish) {
        int fitting = 0;
        Layer smallest = publication.layers[0];
        for (final Layer layer : publication.layers) {
            final boolean known = layer.lastRateBps() > 0;
            if (!known || wish.allows(publication.width(layer, 0), publication.height(layer, 0))) {
                fitting |= 1 << layer.index;
            }
            if (known && (smallest.lastRateBps() == 0
                || publication.width(layer, 0) < publication.width(smallest, 0))) {
                smallest = layer;
            }
        }
        return fitting | 1 << smallest.index;
    }

    private LayerDemand demand() {
        final List<String> rids = new ArrayList<>();
        for (final Layer layer : publication.layers) {
            if ((layers & (1 << layer.index)) != 0) {
                rids.add(layer.rid);
            }
        }
        return new LayerDemand(publication.id, publication.publisher.peer, publication.section.mid(), rids, width,
            height, fps);
    }
}
