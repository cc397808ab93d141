package org.chevet.bench.load;

import java.util.Map;
import org.HdrHistogram.Histogram;
import org.chevet.bench.mark.Tally;
import org.chevet.bench.mark.TrafficClass;
import org.chevet.bench.server.ProcessSample;
import org.jspecify.annotations.Nullable;

/**
 * What a window of measurement gave.
 *
 * @param plan what was asked for
 * @param seconds length of the window
 * @param classes counts and one-way times by class
 * @param counts of the load's loop
 * @param lateness of packets' departure against their schedule, in nanoseconds
 * @param server what the server used, null when its process is not known
 * @param generatorCpu share of a core the load itself used, 0 to 1 and more when it has several
 */
record Figures(Plan plan, double seconds, Map<TrafficClass, Tally> classes, LoopCounts counts, Histogram lateness,
    @Nullable ProcessSample server, double generatorCpu) {
    /** From here on the load is what limits, not the server. */
    static final double GENERATOR_LIMIT = 0.95;

    /** All classes of media together. */
    Tally all() {
        final Tally all = new Tally();
        classes.values().forEach(all::add);
        return all;
    }

    /** Copies received a second. */
    double forwardedPerSecond() {
        return all().received() / seconds;
    }

    /** Server's processor time for each copy that arrived, in microseconds; NaN when it is not known. */
    double cpuPerPacketUs() {
        final ProcessSample used = server;
        final long copies = all().received();
        return used == null || copies == 0 ? Double.NaN : used.cpuNs() / 1e3 / copies;
    }

    /** Share of a core the server used. */
    double serverCpu() {
        final ProcessSample used = server;
        return used == null ? Double.NaN : used.cpuNs() / 1e9 / seconds;
    }

    /** One-way time below which this share of copies stayed, in milliseconds. */
    double oneWayMs(final double percentile) {
        return all().oneWay().getValueAtPercentile(percentile) / 1e6;
    }

    /** True when the load itself was the limit. */
    boolean isGeneratorLimited() {
        return generatorCpu > GENERATOR_LIMIT;
    }

    /** Share of its packets the load did not send in time, and then left out: something else had its core. */
    double skipped() {
        return counts.skipped == 0 ? 0 : (double) counts.skipped / (counts.skipped + counts.sent);
    }
}
