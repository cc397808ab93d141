package org.chevet.ops.metrics;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.chevet.relay.signal.HttpRoute;

/** {@code /metrics}. */
public final class MetricsRoute implements HttpRoute {
    private final Metrics metrics;

    /** Serves the given metrics. */
    public MetricsRoute(final Metrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public String path() {
        return "/metrics";
    }

    @Override
    public Reply handle(final Request request) {
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            return new Reply(405, Map.of("allow", "GET, HEAD"), new byte[0]);
        }
        return new Reply(200, Map.of("content-type", "text/plain; version=0.0.4; charset=utf-8",
            "cache-control", "no-store"), metrics.text().getBytes(StandardCharsets.UTF_8));
    }
}
