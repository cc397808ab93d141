package org.chevet.bench.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.chevet.bench.server.ServerException;
import org.jspecify.annotations.Nullable;

/** Looks for the highest load that passes: up by steps until one fails, then between the last two. One thread. */
final class Ceiling {
    private static final double STEP = 1.35;
    private static final int HALVINGS = 3;
    private static final int MOST_STEPS = 24;
    private static final double LEAST_SCALE = 0.02;

    private final double start;
    private final Measure measure;
    private final Predicate<Figures> passes;
    private final List<Figures> tried = new ArrayList<>();
    private boolean generatorLimited;

    /** Measures one window at a load. */
    @FunctionalInterface
    interface Measure {
        /** At a multiple of the basic load, for so long. */
        Figures at(double scale, double seconds) throws ServerException, InterruptedException, IOException;
    }

    /**
     * A search.
     *
     * @param start multiple of the basic load to begin with
     * @param passes whether a window is good
     */
    Ceiling(final double start, final Measure measure, final Predicate<Figures> passes) {
        this.start = start;
        this.measure = measure;
        this.passes = passes;
    }

    /** The best window of the highest step that passed, or null when none did. */
    @Nullable Figures find(final int windows, final double seconds)
        throws ServerException, InterruptedException, IOException {
        double scale = start;
        double passed = 0;
        double failed = 0;
        int halvings = 0;
        Figures best = null;
        for (int i = 0; i < MOST_STEPS && halvings <= HALVINGS && scale >= LEAST_SCALE; i++) {
            final Figures step = step(scale, windows, seconds);
            if (step == null) {
                failed = scale;
            } else {
                passed = scale;
                best = step;
            }
            if (failed == 0) {
                scale *= STEP;
            } else {
                halvings += passed == 0 ? 0 : 1;
                scale = passed == 0 ? failed / (STEP * STEP) : (passed + failed) / 2;
            }
        }
        return best;
    }

    /** One of the windows that passed, when most did; else null. */
    private @Nullable Figures step(final double scale, final int windows, final double seconds)
        throws ServerException, InterruptedException, IOException {
        Figures good = null;
        int passing = 0;
        for (int i = 0; i < windows; i++) {
            final Figures figures = measure.at(scale, seconds);
            tried.add(figures);
            if (passes.test(figures)) {
                passing++;
                good = figures;
            } else {
                generatorLimited |= figures.isGeneratorLimited();
            }
        }
        return 2 * passing > windows ? good : null;
    }

    /** Every window, in the order they were measured. */
    List<Figures> tried() {
        return List.copyOf(tried);
    }

    /** True when a window failed while the load itself was at its limit: the server might do more. */
    boolean isGeneratorLimited() {
        return generatorLimited;
    }
}
