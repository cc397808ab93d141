package org.chevet.ops.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.chevet.relay.stats.LaneStats;

/**
 * What the lanes believe of the links to receivers, once for each feedback of theirs: the rate that may be sent, and
 * how long packets wait in queues on the way. Two series per lane, however many receivers there are.
 */
final class LinkEstimates implements MultiCollector {
    private static final String TARGETS = "chevet_bandwidth_target_bits_per_second";
    private static final String QUEUES = "chevet_bandwidth_queue_seconds";
    private static final double NS_PER_S = 1e9;
    /** Upper bounds in bit/s: from what speech and measurements need to what no consultation exceeds. */
    private static final long[] RATES = {30_000, 60_000, 128_000, 256_000, 500_000, 1_000_000, 2_000_000, 5_000_000,
        10_000_000, 20_000_000};
    /** Upper bounds in nanoseconds; above 0.1 s a queue is said to stand. */
    private static final long[] DELAYS_NS = {1_000_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
        200_000_000, 500_000_000, 1_000_000_000};

    private final List<LaneStats> lanes;

    LinkEstimates(final List<LaneStats> lanes) {
        this.lanes = List.copyOf(lanes);
    }

    @Override
    public MetricSnapshots collect() {
        final HistogramSnapshot.Builder targets = HistogramSnapshot.builder().name(TARGETS)
            .help("Rate that may be sent to a receiver, as estimated at each of its feedbacks");
        final HistogramSnapshot.Builder queues = HistogramSnapshot.builder().name(QUEUES)
            .help("Time packets waited in queues on their way to a receiver, as seen at each of its feedbacks");
        for (int index = 0; index < lanes.size(); index++) {
            final Labels labels = Labels.of("lane", String.valueOf(index));
            add(targets, labels, lanes.get(index).targets(), RATES, 1);
            add(queues, labels, lanes.get(index).queueTimes(), DELAYS_NS, NS_PER_S);
        }
        return MetricSnapshots.of(targets.build(), queues.build());
    }

    private static void add(final HistogramSnapshot.Builder to, final Labels labels, final Histogram values,
        final long[] bounds, final double unit) {
        final ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        long below = 0;
        for (final long bound : bounds) {
            final long upTo = values.getCountBetweenValues(0, bound);
            buckets.bucket(bound / unit, upTo - below);
            below = upTo;
        }
        to.dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder().labels(labels)
            .classicHistogramBuckets(buckets.bucket(Double.POSITIVE_INFINITY, values.getTotalCount() - below).build())
            .sum(values.getMean() * values.getTotalCount() / unit).build());
    }
}
