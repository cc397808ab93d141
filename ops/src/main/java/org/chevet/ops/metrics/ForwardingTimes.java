package org.chevet.ops.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.stats.TrafficClass;

/**
 * The time packets spend in the relay, per lane: buckets for Prometheus to add up over servers, and the exact
 * percentiles since the start that buckets cannot give.
 */
final class ForwardingTimes implements MultiCollector {
    private static final String NAME = "chevet_forwarding_seconds";
    private static final String PERCENTILES = "chevet_forwarding_percentile_seconds";
    private static final double NS_PER_S = 1e9;
    /** Upper bounds in nanoseconds: around the targets 0.1 ms, 1 ms and 5 ms of REQUIREMENTS "Numbers". */
    private static final long[] BOUNDS_NS = {10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
        5_000_000, 10_000_000, 50_000_000, 100_000_000, 1_000_000_000};
    private static final double[] QUANTILES = {0.5, 0.99, 0.999, 1};

    private final List<LaneStats> lanes;

    ForwardingTimes(final List<LaneStats> lanes) {
        this.lanes = List.copyOf(lanes);
    }

    @Override
    public MetricSnapshots collect() {
        final HistogramSnapshot.Builder histogram = HistogramSnapshot.builder().name(NAME)
            .help("Time from the arrival of a packet to the hand-over of its copies to the kernel, by class");
        final GaugeSnapshot.Builder percentiles = GaugeSnapshot.builder().name(PERCENTILES)
            .help("Exact percentiles of chevet_forwarding_seconds since the start");
        for (int index = 0; index < lanes.size(); index++) {
            for (final TrafficClass traffic : TrafficClass.values()) {
                final Histogram times = lanes.get(index).forwardingTimes(traffic);
                add(Labels.of("lane", String.valueOf(index), "class", traffic.label()), times, histogram, percentiles);
            }
        }
        return MetricSnapshots.of(histogram.build(), percentiles.build());
    }

    /** Adds one series of times, in nanoseconds, to both. */
    static void add(final Labels labels, final Histogram times, final HistogramSnapshot.Builder histogram,
        final GaugeSnapshot.Builder percentiles) {
        histogram.dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder().labels(labels)
            .classicHistogramBuckets(buckets(times)).sum(times.getMean() * times.getTotalCount() / NS_PER_S)
            .build());
        for (final double quantile : QUANTILES) {
            percentiles.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(labels.merge(Labels.of("quantile", String.valueOf(quantile))))
                .value(times.getValueAtPercentile(quantile * 100) / NS_PER_S).build());
        }
    }

    private static ClassicHistogramBuckets buckets(final Histogram times) {
        final ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        long below = 0;
        for (final long bound : BOUNDS_NS) {
            final long upTo = times.getCountBetweenValues(0, bound);
            buckets.bucket(bound / NS_PER_S, upTo - below);
            below = upTo;
        }
        return buckets.bucket(Double.POSITIVE_INFINITY, times.getTotalCount() - below).build();
    }
}
