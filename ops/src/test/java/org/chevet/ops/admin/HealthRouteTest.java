package org.chevet.ops.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.chevet.relay.signal.HttpRoute.Reply;
import org.chevet.relay.signal.HttpRoute.Request;
import org.junit.jupiter.api.Test;

/** Alive and ready are two questions. */
class HealthRouteTest {
    private final AtomicInteger stalledLane = new AtomicInteger(-1);
    private final Health health = new Health(stalledLane::get);
    private final HealthRoute route = new HealthRoute(health);

    @Test
    void aServerThatDrainsIsAliveAndNotReadyUntilTheDrainIsTakenBack() {
        assertEquals(200, get("/health/ready").status());
        health.draining(true);
        assertEquals(503, get("/health/ready").status());
        assertEquals("draining: the server is being stopped and takes no new consultation\n",
            text(get("/health/ready")));
        assertEquals(200, get("/health/live").status());
        health.draining(false);
        assertEquals(200, get("/health/ready").status());
    }

    @Test
    void aStalledLaneMakesTheServerNotReadyAndIsNamed() {
        stalledLane.set(1);
        assertEquals(503, get("/health/ready").status());
        assertEquals("stalled: lane 1 does not answer\n", text(get("/health/ready")));
        assertEquals(200, get("/health/live").status());
        stalledLane.set(-1);
        assertEquals(200, get("/health/ready").status());
    }

    @Test
    void otherPathsAndMethodsAreRefused() {
        assertEquals(404, get("/health/other").status());
        assertEquals(405, route.handle(new Request("POST", "/health/live", Map.of(), Map.of(), new byte[0])).status());
    }

    private Reply get(final String path) {
        return route.handle(new Request("GET", path, Map.of(), Map.of(), new byte[0]));
    }

    private static String text(final Reply reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }
}
