package org.chevet.ops.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;

/**
 * Everything {@code /metrics} shows.
 *
 * <p>Counters of lanes are read when they are asked for; nothing is added to the packet path. Lane counters carry the
 * label {@code lane}. Safe on any thread once built.
 */
public final class Metrics implements AutoCloseable {
    private static final String PREFIX = "chevet.";
    private static final double NS_PER_S = 1e9;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collector = new JvmGcMetrics();

    /**
     * Metrics over lanes and this JVM.
     *
     * @param version of the server, for {@code chevet_build_info}
     * @param lanes counters of each lane, in the order of the lanes
     */
    public Metrics(final String version, final List<LaneStats> lanes) {
        Gauge.builder(PREFIX + "build.info", () -> 1).description("Always 1; the labels say what runs")
            .tag("version", version).tag("java", Runtime.version().toString()).register(registry);
        for (int index = 0; index < lanes.size(); index++) {
            lane(String.valueOf(index), lanes.get(index));
        }
        registry.getPrometheusRegistry().register(new ForwardingTimes(lanes));
        registry.getPrometheusRegistry().register(new TurnTimes(lanes));
        registry.getPrometheusRegistry().register(new LinkEstimates(lanes));
        collector.bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    /**
     * Adds a counter of the HTTP port: {@code chevet_<name>_total}.
     *
     * @param name lower case, words joined by underscores
     */
    public Metrics counter(final String name, final String about, final LongSupplier value) {
        FunctionCounter.builder(PREFIX + name.replace('_', '.'), value, LongSupplier::getAsLong).description(about)
            .register(registry);
        return this;
    }

    /** Adds refusals of the HTTP port for one reason: {@code chevet_refusals_total{reason=..}}. */
    public Metrics refusals(final String reason, final LongSupplier value) {
        FunctionCounter.builder(PREFIX + "refusals", value, LongSupplier::getAsLong)
            .description("Requests and WebSockets that were refused").tag("reason", reason).register(registry);
        return this;
    }

    /**
     * Adds {@code chevet_lane_stalled_seconds} and {@code chevet_lane_stalls_total} of a lane.
     *
     * @param stalledNs how long it has taken no turn, 0 when it does
     * @param stalls how often that happened
     */
    public Metrics stalls(final String lane, final LongSupplier stalledNs, final LongSupplier stalls) {
        Gauge.builder(PREFIX + "lane.stalled.seconds", () -> stalledNs.getAsLong() / NS_PER_S)
            .description("How long the lane has taken no turn though it was asked; 0 when it does").tag("lane", lane)
            .register(registry);
        FunctionCounter.builder(PREFIX + "lane.stalls", stalls, LongSupplier::getAsLong)
            .description("How often the lane took no turn for more than two seconds").tag("lane", lane)
            .register(registry);
        return this;
    }

    /** Adds {@code chevet_ready}: 1 when {@code /health/ready} says yes. */
    public Metrics ready(final BooleanSupplier ready) {
        Gauge.builder(PREFIX + "ready", () -> ready.getAsBoolean() ? 1 : 0)
            .description("1 when the server takes new consultations").register(registry);
        return this;
    }

    /** Adds {@code chevet_crypto_provider_info}: always 1, the labels say what seals and opens media. */
    public Metrics crypto(final String provider, final String version) {
        Gauge.builder(PREFIX + "crypto.provider.info", () -> 1)
            .description("Always 1; the labels say what seals and opens media")
            .tag("provider", provider).tag("version", version).register(registry);
        return this;
    }

    /** All metrics in the Prometheus text format, version 0.0.4. */
    public String text() {
        return registry.scrape();
    }

    @Override
    public void close() {
        collector.close();
        registry.close();
    }

    private void lane(final String name, final LaneStats stats) {
        for (final Counter counter : Counter.values()) {
            FunctionCounter.builder(PREFIX + counter.label().replace('_', '.'), stats, lane -> lane.counted(counter))
                .tag("lane", name).register(registry);
        }
        for (final DropReason reason : DropReason.values()) {
            FunctionCounter.builder(PREFIX + "drops", stats, lane -> lane.dropped(reason))
                .description("Packets, frames and messages that went no further")
                .tag("lane", name).tag("reason", reason.label()).register(registry);
        }
        open("sessions", "Peer connections open now", name, stats, Counter.SESSIONS_OPENED, Counter.SESSIONS_CLOSED);
        open("consultations", "Consultations open now", name, stats, Counter.CONSULTATIONS_OPENED,
            Counter.CONSULTATIONS_CLOSED);
        open("vitals.connections", "Vitals WebSockets open now", name, stats, Counter.VITALS_CONNECTIONS_OPENED,
            Counter.VITALS_CONNECTIONS_CLOSED);
    }

    private void open(final String what, final String about, final String lane, final LaneStats stats,
        final Counter opened, final Counter closed) {
        // Closed is read first: the difference is never negative.
        Gauge.builder(PREFIX + what, stats, counters -> {
            final long ended = counters.counted(closed);
            return counters.counted(opened) - ended;
        }).description(about).tag("lane", lane).register(registry);
    }
}
