package org.chevet.ops.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import org.chevet.relay.stats.LaneStats;

/** How long the turns of each lane take, with the buckets and percentiles of {@link ForwardingTimes}. */
final class TurnTimes implements MultiCollector {
    private static final String NAME = "chevet_lane_turn_seconds";
    private static final String PERCENTILES = "chevet_lane_turn_percentile_seconds";

    private final List<LaneStats> lanes;

    TurnTimes(final List<LaneStats> lanes) {
        this.lanes = List.copyOf(lanes);
    }

    @Override
    public MetricSnapshots collect() {
        final HistogramSnapshot.Builder histogram = HistogramSnapshot.builder().name(NAME)
            .help("Time a lane works on one batch of datagrams and all that follows from it");
        final GaugeSnapshot.Builder percentiles = GaugeSnapshot.builder().name(PERCENTILES)
            .help("Exact percentiles of chevet_lane_turn_seconds since the start");
        for (int index = 0; index < lanes.size(); index++) {
            ForwardingTimes.add(Labels.of("lane", String.valueOf(index)), lanes.get(index).turnTimes(), histogram,
                percentiles);
        }
        return MetricSnapshots.of(histogram.build(), percentiles.build());
    }
}
