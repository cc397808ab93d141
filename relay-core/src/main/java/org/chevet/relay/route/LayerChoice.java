package org.chevet.relay.route;

import org.jspecify.annotations.Nullable;

/**
 * Which simulcast layer a subscriber is to get: the active one with the highest rate. Rates are measured, because
 * neither the names of layers nor their order say which is best. A layer must be clearly better than the present one
 * before it is asked for, so that two alike do not cost key frames in turn.
 *
 * <p>Stateless; what a subscriber can receive is not looked at yet: this is the place for it.
 */
final class LayerChoice {
    /** A better layer has at least 5/4 of the rate of the present one. */
    private static final int BETTER_NUMERATOR = 5;
    private static final int BETTER_DENOMINATOR = 4;

    private LayerChoice() {
    }

    /** The layer to aim at, or null when none is active. */
    static @Nullable Layer choose(final Layer[] layers, final @Nullable Layer present, final long nowNs) {
        Layer best = null;
        for (final Layer layer : layers) {
            if (layer.isActive(nowNs) && (best == null || layer.rateBps() > best.rateBps())) {
                best = layer;
            }
        }
        if (best == null || present == null || best == present || !present.isActive(nowNs)) {
            return best;
        }
        final boolean better =
            best.rateBps() * BETTER_DENOMINATOR >= present.rateBps() * BETTER_NUMERATOR;
        return better ? best : present;
    }
}
