package org.chevet.ops.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.chevet.relay.signal.HttpRoute.Reply;
import org.chevet.relay.signal.HttpRoute.Request;
import org.junit.jupiter.api.Test;

/** Alive and ready are two questions. */
class HealthRouteTest {
    private final AtomicInteger silentMs = new AtomicInteger();
    private final Health health = new Health(List.of(() -> 0, silentMs::get), 2_000);
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
        silentMs.set(2_000);
        assertEquals(200, get("/health/ready").status());
        silentMs.set(2_001);
        assertEquals(503, get("/health/ready").status());
        assertEquals("lane 1 has not answered for 2001 ms\n", text(get("/health/ready")));
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
