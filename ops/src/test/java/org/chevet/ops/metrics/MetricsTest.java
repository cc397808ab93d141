package org.chevet.ops.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.stats.TrafficClass;
import org.junit.jupiter.api.Test;

/** What a Prometheus server reads. */
class MetricsTest {
    /** One line of the text format 0.0.4: comment, or name, labels, value. */
    private static final Pattern LINE = Pattern.compile("#.*|[a-zA-Z_:][a-zA-Z0-9_:]*(\\{([a-z_]+=\"[^\"]*\",?)*})?"
        + " (NaN|[+-]Inf|[-+0-9.eE]+)");

    @Test
    void everyCounterAndDropReasonOfEveryLaneIsThere() {
        final LaneStats second = new LaneStats();
        second.add(Counter.BYTES_RECEIVED, 4_321);
        second.drop(DropReason.SRTP_AUTH_FAILED);
        try (Metrics metrics = new Metrics("1", List.of(new LaneStats(), second))) {
            final String text = metrics.text();
            for (final Counter counter : Counter.values()) {
                value(text, "chevet_" + counter.label() + "_total{lane=\"0\"}");
            }
            for (final DropReason reason : DropReason.values()) {
                value(text, "chevet_drops_total{lane=\"0\",reason=\"" + reason.label() + "\"}");
            }
            assertEquals(4_321, value(text, "chevet_bytes_received_total{lane=\"1\"}"));
            assertEquals(0, value(text, "chevet_bytes_received_total{lane=\"0\"}"));
            assertEquals(1, value(text, "chevet_drops_total{lane=\"1\",reason=\"srtp_auth_failed\"}"));
            text.lines().forEach(line -> assertTrue(LINE.matcher(line).matches(), line));
        }
    }

    @Test
    void gaugesAreWhatWasOpenedAndNotClosed() {
        final LaneStats lane = new LaneStats();
        lane.add(Counter.SESSIONS_OPENED, 5);
        lane.add(Counter.SESSIONS_CLOSED, 2);
        lane.add(Counter.CONSULTATIONS_OPENED, 1);
        try (Metrics metrics = new Metrics("1", List.of(lane))) {
            assertEquals(3, value(metrics.text(), "chevet_sessions{lane=\"0\"}"));
            assertEquals(1, value(metrics.text(), "chevet_consultations{lane=\"0\"}"));
            lane.count(Counter.SESSIONS_CLOSED);
            assertEquals(2, value(metrics.text(), "chevet_sessions{lane=\"0\"}"));
        }
    }

    @Test
    void forwardingTimesHaveBucketsSumCountAndPercentiles() {
        final LaneStats lane = new LaneStats();
        lane.recordForwarding(TrafficClass.VIDEO, 40_000, 990);
        lane.recordForwarding(TrafficClass.VIDEO, 3_000_000, 10);
        try (Metrics metrics = new Metrics("1", List.of(lane))) {
            final String text = metrics.text();
            assertEquals(0, value(text, video("chevet_forwarding_seconds_bucket", ",le=\"2.5E-5\"")));
            assertEquals(990, value(text, video("chevet_forwarding_seconds_bucket", ",le=\"5.0E-5\"")));
            assertEquals(990, value(text, video("chevet_forwarding_seconds_bucket", ",le=\"0.0025\"")));
            assertEquals(1_000, value(text, video("chevet_forwarding_seconds_bucket", ",le=\"0.005\"")));
            assertEquals(1_000, value(text, video("chevet_forwarding_seconds_bucket", ",le=\"+Inf\"")));
            assertEquals(1_000, value(text, video("chevet_forwarding_seconds_count", "")));
            assertEquals(0.0696, value(text, video("chevet_forwarding_seconds_sum", "")), 0.0002);
            assertEquals(40e-6,
                value(text, video("chevet_forwarding_percentile_seconds", ",quantile=\"0.5\"")), 1e-7);
            assertEquals(3e-3, value(text, video("chevet_forwarding_percentile_seconds", ",quantile=\"0.999\"")),
                1e-5);
            assertEquals(1_000, value(metrics.text(), video("chevet_forwarding_seconds_count", "")), "second scrape");
        }
    }

    @Test
    void turnTimesHaveBucketsSumCountAndPercentilesOfEachLane() {
        final LaneStats second = new LaneStats();
        for (int i = 0; i < 99; i++) {
            second.recordTurn(40_000);
        }
        second.recordTurn(3_000_000);
        try (Metrics metrics = new Metrics("1", List.of(new LaneStats(), second))) {
            final String text = metrics.text();
            assertEquals(0, value(text, "chevet_lane_turn_seconds_count{lane=\"0\"}"));
            assertEquals(0, value(text, "chevet_lane_turn_percentile_seconds{lane=\"0\",quantile=\"1.0\"}"));
            assertEquals(0, value(text, "chevet_lane_turn_seconds_bucket{lane=\"1\",le=\"2.5E-5\"}"));
            assertEquals(99, value(text, "chevet_lane_turn_seconds_bucket{lane=\"1\",le=\"5.0E-5\"}"));
            assertEquals(100, value(text, "chevet_lane_turn_seconds_count{lane=\"1\"}"));
            assertEquals(0.00696, value(text, "chevet_lane_turn_seconds_sum{lane=\"1\"}"), 0.00002);
            assertEquals(40e-6,
                value(text, "chevet_lane_turn_percentile_seconds{lane=\"1\",quantile=\"0.5\"}"), 1e-7);
            assertEquals(3e-3,
                value(text, "chevet_lane_turn_percentile_seconds{lane=\"1\",quantile=\"1.0\"}"), 1e-5);
        }
    }

    @Test
    void estimatesOfReceiversAreTwoHistogramsOfEachLane() {
        final LaneStats lane = new LaneStats();
        lane.recordEstimate(300_000, 2_000_000);
        lane.recordEstimate(4_000_000, 150_000_000);
        try (Metrics metrics = new Metrics("1", List.of(lane))) {
            final String text = metrics.text();
            final String target = "chevet_bandwidth_target_bits_per_second";
            assertEquals(0, value(text, target + "_bucket{lane=\"0\",le=\"256000.0\"}"));
            assertEquals(1, value(text, target + "_bucket{lane=\"0\",le=\"500000.0\"}"));
            assertEquals(2, value(text, target + "_bucket{lane=\"0\",le=\"5000000.0\"}"));
            assertEquals(4_300_000, value(text, target + "_sum{lane=\"0\"}"), 10_000);
            assertEquals(1, value(text, "chevet_bandwidth_queue_seconds_bucket{lane=\"0\",le=\"0.1\"}"));
            assertEquals(2, value(text, "chevet_bandwidth_queue_seconds_bucket{lane=\"0\",le=\"0.2\"}"));
        }
    }

    @Test
    void theHttpPortTheJvmAndTheBuildAreThere() {
        try (Metrics metrics = new Metrics("0.1", List.of(new LaneStats()))) {
            metrics.counter("http_requests", "Requests", () -> 7).refusals("token_expired", () -> 3).ready(() -> true)
                .crypto("ipsec-mb", "1.3.0 AVX2").stalls("0", () -> 2_500_000_000L, () -> 4);
            final String text = metrics.text();
            assertEquals(7, value(text, "chevet_http_requests_total"));
            assertEquals(3, value(text, "chevet_refusals_total{reason=\"token_expired\"}"));
            assertEquals(1, value(text, "chevet_ready"));
            assertEquals(2.5, value(text, "chevet_lane_stalled_seconds{lane=\"0\"}"));
            assertEquals(4, value(text, "chevet_lane_stalls_total{lane=\"0\"}"));
            assertEquals(1, value(text, "chevet_crypto_provider_info{provider=\"ipsec-mb\",version=\"1.3.0 AVX2\"}"));
            assertTrue(text.contains("chevet_build_info{"), text);
            assertTrue(text.contains("jvm_memory_used_bytes{"), text);
            assertTrue(text.contains("jvm_threads_live_threads "), text);
            assertTrue(text.contains("process_cpu_usage "), text);
        }
    }

    private static String video(final String name, final String more) {
        return name + "{class=\"video\",lane=\"0\"" + more + "}";
    }

    private static double value(final String text, final String series) {
        return text.lines().filter(line -> line.startsWith(series + " ")).findFirst()
            .map(line -> Double.parseDouble(line.substring(series.length() + 1)))
            .orElseThrow(() -> new AssertionError("no " + series + " in\n" + text));
    }
}
