package org.chevet.relay.route;

import org.chevet.relay.bwe.Allocator;
import org.chevet.relay.bwe.VideoProfile;
import org.jspecify.annotations.Nullable;

/**
 * The steps there are for one subscriber of one video, from the cheapest to the best: encodings (simulcast) and decode
 * targets inside them (temporal layers, SVC) at their measured rates. What the {@link VideoProfile} gives up first
 * decides the order; a step that costs as much as a better one is none.
 *
 * <p>Encodings are ranked by their sizes where the dependency descriptors of all tell them, else by measured rate,
 * because neither the names of encodings nor their order say which is best. Of two whose rates are alike the present
 * one stays, so that they do not cost key frames in turn. Rebuilt for each use; allocates nothing. Lane thread only.
 */
final class Ladder {
    /** Size of the best encoding when nobody tells; each encoding or spatial layer below has half of it. */
    static final int ASSUMED_WIDTH = 1280;
    static final int ASSUMED_HEIGHT = 720;
    /** What stands for everything in an encoding without layers. */
    static final int ALL = 127;

    /** A better encoding has at least 5/4 of the rate of the one below it. */
    private static final int BETTER_NUMERATOR = 5;
    private static final int BETTER_DENOMINATOR = 4;
    private static final int MAX_OPTIONS = 128;
    /** A measured rate of pictures may be this much above the wished one. */
    private static final double FPS_TOLERANCE = 1.1;
    /** Temporal layers that {@link VideoProfile#BALANCED} gives up before resolution. */
    private static final int BALANCED_DROPS = 1;

    private final Layer[] ranked = new Layer[Publication.MAX_LAYERS];
    private int rankedCount;
    private final int[] tags = new int[MAX_OPTIONS];
    private final long[] rates = new long[MAX_OPTIONS];
    /** Size in steps, and temporal layers given up: what options are ordered by. */
    private final int[] sizes = new int[MAX_OPTIONS];
    private final int[] drops = new int[MAX_OPTIONS];
    private int options;
    private final int[] steps = new int[Allocator.MAX_STEPS];
    private int stepCount;

    /** Builds the steps; {@link #size} is 0 when no encoding is active. */
    void build(final Publication publication, final @Nullable Layer present, final VideoWish wish,
        final VideoProfile profile, final int maxSpatial, final int maxTemporal, final long nowNs) {
        options = 0;
        stepCount = 0;
        rank(publication, present, nowNs);
        for (int i = 0; i < rankedCount; i++) {
            addOptions(publication, ranked[i], rankedCount - i, wish, maxSpatial, maxTemporal);
        }
        if (options == 0 && rankedCount > 0) {
            addLowest(ranked[rankedCount - 1]);
        }
        order(profile);
        climb(profile);
    }

    /** Number of steps. */
    int size() {
        return stepCount;
    }

    /** Bits per second of a step; they rise. */
    long rateBps(final int step) {
        return rates[steps[stepCount - 1 - step]];
    }

    /** A step, see {@link #layerOf}, {@link #spatialOf}, {@link #temporalOf}. */
    int tag(final int step) {
        return tags[steps[stepCount - 1 - step]];
    }

    static int layerOf(final int tag) {
        return tag >> Short.SIZE;
    }

    static int spatialOf(final int tag) {
        return (tag >> Byte.SIZE) & 0xFF;
    }

    static int temporalOf(final int tag) {
        return tag & 0xFF;
    }

    private static int tagOf(final Layer layer, final int spatial, final int temporal) {
        return layer.index << Short.SIZE | spatial << Byte.SIZE | temporal;
    }

    /** Active encodings, the best one first, without those that are hardly better than the next. */
    private void rank(final Publication publication, final @Nullable Layer present, final long nowNs) {
        rankedCount = 0;
        boolean sized = true;
        for (final Layer layer : publication.layers) {
            if (layer.isActive(nowNs)) {
                sized &= layer.marks.width(layer.marks.maxSpatial()) > 0;
                ranked[rankedCount++] = layer;
            }
        }
        for (int i = 1; i < rankedCount; i++) {
            for (int k = i; k > 0 && isBetter(ranked[k], ranked[k - 1], sized); k--) {
                final Layer better = ranked[k];
                ranked[k] = ranked[k - 1];
                ranked[k - 1] = better;
            }
        }
        if (sized) {
            return;
        }
        int kept = 0;
        for (int i = 1; i < rankedCount; i++) {
            final Layer above = ranked[kept];
            final boolean alike =
                above.rateBps() * BETTER_DENOMINATOR < ranked[i].rateBps() * BETTER_NUMERATOR
                    || above.rateBps() == 0;
            if (!alike) {
                ranked[++kept] = ranked[i];
            } else if (ranked[i] == present) {
                ranked[kept] = present;
            }
        }
        rankedCount = rankedCount == 0 ? 0 : kept + 1;
    }

    private static boolean isBetter(final Layer one, final Layer other, final boolean sized) {
        if (!sized) {
            return one.rateBps() > other.rateBps();
        }
        final long area = (long) one.marks.width(one.marks.maxSpatial()) * one.marks.height(one.marks.maxSpatial());
        final long otherArea =
            (long) other.marks.width(other.marks.maxSpatial()) * other.marks.height(other.marks.maxSpatial());
        return area > otherArea || (area == otherArea && one.rateBps() > other.rateBps());
    }

    private void addOptions(final Publication publication, final Layer layer, final int rank, final VideoWish wish,
        final int maxSpatial, final int maxTemporal) {
        final LayerMarks marks = layer.marks;
        final int targets = marks.targets();
        if (targets == 0) {
            if (wish.allows(publication.width(layer, 0), publication.height(layer, 0))) {
                add(layer, ALL, ALL, layer.rateBps(), rank << Byte.SIZE, 0);
            }
            return;
        }
        for (int target = 0; target < targets; target++) {
            final int spatial = marks.spatialOf(target);
            final int temporal = marks.temporalOf(target);
            if (marks.isActive(target) && spatial <= maxSpatial && temporal <= maxTemporal
                && wish.allows(publication.width(layer, spatial), publication.height(layer, spatial))
                && (layer.targets.fps(target) <= wish.maxFps() * FPS_TOLERANCE || temporal == 0)) {
                add(layer, spatial, temporal, layer.rateBps(target), rank << Byte.SIZE | spatial,
                    Math.max(0, fullTemporal(layer, spatial) - temporal));
            }
        }
    }

    /** The temporal layer from which on nothing more is in the pictures of a size. */
    private static int fullTemporal(final Layer layer, final int spatial) {
        int full = 0;
        long bestBps = -1;
        for (int target = 0; target < layer.marks.targets(); target++) {
            final long rateBps = layer.targets.rateBps(target);
            final int temporal = layer.marks.temporalOf(target);
            if (layer.marks.isActive(target) && layer.marks.spatialOf(target) == spatial
                && (rateBps > bestBps || (rateBps == bestBps && (rateBps == 0) == (temporal > full)))) {
                bestBps = rateBps;
                full = temporal;
            }
        }
        return full;
    }

    /** The smallest there is when the wish is for less than that. */
    private void addLowest(final Layer layer) {
        final int target = layer.marks.best(0, 0);
        add(layer, target < 0 ? ALL : layer.marks.spatialOf(target), target < 0 ? ALL : layer.marks.temporalOf(target),
            layer.rateBps(target), 1 << Byte.SIZE, 0);
    }

    private void add(final Layer layer, final int spatial, final int temporal, final long rateBps, final int size,
        final int dropped) {
        if (options < MAX_OPTIONS) {
            tags[options] = tagOf(layer, spatial, temporal);
            rates[options] = rateBps;
            sizes[options] = size;
            drops[options++] = dropped;
        }
    }

    /** The preferred option first. */
    private void order(final VideoProfile profile) {
        for (int i = 1; i < options; i++) {
            for (int k = i; k > 0 && isPreferred(k, k - 1, profile); k--) {
                swap(k, k - 1);
            }
        }
    }

    private boolean isPreferred(final int one, final int other, final VideoProfile profile) {
        final int bySize = Integer.compare(sizes[one], sizes[other]);
        final int byPictures = Integer.compare(drops[other], drops[one]);
        final int before = profile == VideoProfile.MOTION ? byPictures : bySize;
        final int after = profile == VideoProfile.MOTION ? bySize : byPictures;
        return before > 0 || (before == 0 && (after > 0 || (after == 0 && rates[one] < rates[other])));
    }

    private void swap(final int one, final int other) {
        final int tag = tags[one];
        final long rate = rates[one];
        final int size = sizes[one];
        final int dropped = drops[one];
        tags[one] = tags[other];
        rates[one] = rates[other];
        sizes[one] = sizes[other];
        drops[one] = drops[other];
        tags[other] = tag;
        rates[other] = rate;
        sizes[other] = size;
        drops[other] = dropped;
    }

    /** From the preferred option down, what is cheaper than all before it. */
    private void climb(final VideoProfile profile) {
        int smallest = Integer.MAX_VALUE;
        for (int i = 0; i < options; i++) {
            smallest = Math.min(smallest, sizes[i]);
        }
        for (int i = 0; i < options; i++) {
            final boolean wanted = profile != VideoProfile.BALANCED || drops[i] <= BALANCED_DROPS
                || sizes[i] == smallest;
            if (wanted && (stepCount == 0 || rates[i] < rates[steps[stepCount - 1]])) {
                // The cheapest one is kept however many there are.
                stepCount = Math.min(stepCount + 1, Allocator.MAX_STEPS);
                steps[stepCount - 1] = i;
            }
        }
    }
}
