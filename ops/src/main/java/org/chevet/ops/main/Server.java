package org.chevet.ops.main;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.chevet.ops.admin.Health;
import org.chevet.ops.admin.HealthRoute;
import org.chevet.ops.config.ConfigException;
import org.chevet.ops.config.ServerConfig;
import org.chevet.ops.console.ConsoleRoute;
import org.chevet.ops.demo.RelayAddress;
import org.chevet.ops.metrics.Metrics;
import org.chevet.ops.metrics.MetricsRoute;
import org.chevet.relay.api.Relay;
import org.chevet.relay.signal.HttpRoute;
import org.chevet.relay.signal.ProblemType;
import org.chevet.relay.signal.SignalCounter;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** A relay with everything that operates it: health, metrics, console. */
final class Server implements AutoCloseable {
    private static final long DRAIN_STEP_MS = 200;
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(Server.class);

    private final ServerConfig config;
    private final Relay relay;
    private final Health health;
    private final @Nullable Metrics metrics;

    private Server(final ServerConfig config, final Relay relay, final Health health,
        final @Nullable Metrics metrics) {
        this.config = config;
        this.relay = relay;
        this.health = health;
        this.metrics = metrics;
    }

    /**
     * Starts a server.
     *
     * @throws ConfigException one sentence: no key, or an address that cannot be listened on
     */
    static Server start(final ServerConfig config) {
        if (config.relay().tokenKeys().isEmpty()) {
            throw new ConfigException("tokens.keys is empty: accepted is at least one key id with a secret of at least"
                + " 32 bytes, or --dev to make one for this run.");
        }
        final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(config.logLevel()));
        config.warnings().forEach(LOG::warn);
        final AtomicReference<Health> health = new AtomicReference<>();
        final AtomicReference<Metrics> metrics = new AtomicReference<>();
        try {
            final Relay relay = Relay.start(config.relay(), started -> routes(config, started, health, metrics));
            return new Server(config, relay, health.get(), metrics.get());
        } catch (final IOException | IllegalArgumentException e) {
            throw new ConfigException(sentence(e.getMessage()));
        }
    }

    private static List<HttpRoute> routes(final ServerConfig config, final Relay relay,
        final AtomicReference<Health> healthOut, final AtomicReference<Metrics> metricsOut) {
        final List<HttpRoute> routes = new ArrayList<>();
        final Health health = new Health(relay::stalledLane);
        healthOut.set(health);
        routes.add(new HealthRoute(health));
        if (config.metricsEnabled()) {
            final Metrics metrics = new Metrics(VersionCommand.version(), relay.laneStats()).ready(health::isReady)
                .crypto(relay.crypto().name(), relay.crypto().version());
            for (int i = 0; i < relay.laneStats().size(); i++) {
                final int lane = i;
                metrics.stalls(String.valueOf(lane), () -> relay.stalledNs(lane),
                    () -> relay.stalls(lane));
            }
            for (final SignalCounter counter : SignalCounter.values()) {
                metrics.counter(counter.label(), "Of the HTTP port", () -> relay.signalStats().counted(counter));
            }
            for (final ProblemType type : ProblemType.values()) {
                metrics.refusals(type.label(), () -> relay.signalStats().refused(type));
            }
            metricsOut.set(metrics);
            routes.add(new MetricsRoute(metrics));
        }
        if (config.consoleEnabled()) {
            routes.add(new ConsoleRoute());
        }
        return routes;
    }

    private static String sentence(final @Nullable String message) {
        final String text = message == null ? "the relay could not start, and no reason is known" : message;
        return Character.toUpperCase(text.charAt(0)) + text.substring(1) + (text.endsWith(".") ? "" : ".");
    }

    Relay relay() {
        return relay;
    }

    /** How a client on this machine reaches it. */
    RelayAddress address() {
        final String host = config.relay().httpHost();
        return new RelayAddress(host.equals("0.0.0.0") || host.equals("::") ? "localhost" : host, relay.httpPort(),
            config.relay().reach().isSecure());
    }

    /** Says that it is not ready, waits until nobody is connected or the time is over, then closes. */
    void drain() throws InterruptedException {
        health.draining(true);
        final long deadlineNs = System.nanoTime() + config.drainSeconds() * 1_000_000_000L;
        while (connections() > 0 && System.nanoTime() < deadlineNs) {
            Thread.sleep(DRAIN_STEP_MS);
        }
        close();
    }

    /** Peer connections and vitals WebSockets that are open. */
    long connections() {
        long open = 0;
        for (final LaneStats lane : relay.laneStats()) {
            open += lane.counted(Counter.SESSIONS_OPENED) - lane.counted(Counter.SESSIONS_CLOSED)
                + lane.counted(Counter.VITALS_CONNECTIONS_OPENED) - lane.counted(Counter.VITALS_CONNECTIONS_CLOSED);
        }
        return open;
    }

    @Override
    public void close() {
        relay.close();
        if (metrics != null) {
            metrics.close();
        }
    }
}
