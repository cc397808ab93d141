package org.chevet.ops.admin;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.chevet.relay.signal.HttpRoute;

/** {@code /health/live} and {@code /health/ready}: 200 or 503 with one line of text per reason. */
public final class HealthRoute implements HttpRoute {
    private static final String PATH = "/health/";

    private final Health health;

    /** Answers from the given state. */
    public HealthRoute(final Health health) {
        this.health = health;
    }

    @Override
    public String path() {
        return PATH;
    }

    @Override
    public Reply handle(final Request request) {
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            return new Reply(405, Map.of("allow", "GET, HEAD"), new byte[0]);
        }
        return switch (request.path()) {
            // Whoever reads this was answered: the HTTP port turns, and a stalled lane needs a drain, not a kill.
            case PATH + "live" -> text(200, "alive\n");
            case PATH + "ready" -> {
                final List<String> faults = health.faults();
                yield faults.isEmpty() ? text(200, "ready\n") : text(503, String.join("\n", faults) + "\n");
            }
            default -> Reply.notFound();
        };
    }

    private static Reply text(final int status, final String text) {
        return new Reply(status, Map.of("content-type", "text/plain; charset=utf-8", "cache-control", "no-store"),
            text.getBytes(StandardCharsets.UTF_8));
    }
}
