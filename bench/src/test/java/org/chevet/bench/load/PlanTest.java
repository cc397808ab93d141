package org.chevet.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PlanTest {
    @Test
    void scenariosHaveTheirConnections() {
        assertEquals(2, Plan.call().connections());
        assertEquals(80, Scenarios.plan("calls20").connections());
        assertEquals(40, Scenarios.plan("calls20").receivers());
        assertEquals(31, Scenarios.plan("fanout30").connections());
        assertEquals(110, Scenarios.plan("rooms10x10").connections());
        assertEquals(2 * (3 + 3 * 2 + 3 * 4), new Plan("own", 2, 3, 4, true, MediaShape.call()).connections());
    }

    @Test
    void twentyCallsAreNineThousandPackets() {
        final double rate = Scenarios.plan("calls20").forwardedPerSecond();
        assertTrue(rate > 8_500 && rate < 9_800, rate + " packets/s");
    }

    @Test
    void unknownNamesAreRefused() {
        for (final String name : new String[] {"", "calls", "callsx", "rooms10x11", "fanout-1"}) {
            assertThrows(IllegalArgumentException.class, () -> Scenarios.plan(name), name);
        }
        assertThrows(IllegalArgumentException.class, () -> new Plan("own", 0, 1, 1, false, MediaShape.call()));
        assertThrows(IllegalArgumentException.class,
            () -> new Plan("own", 9999, 100, 100, false, MediaShape.call()));
    }

    @Test
    void layersShareTheRate() {
        final MediaShape shape = new MediaShape(50, 120, 1_600_000, 30, 10_000, 3);
        assertEquals(100_000, shape.layerBps(0));
        assertEquals(400_000, shape.layerBps(1));
        assertEquals(1_600_000, shape.layerBps(2));
        assertTrue(shape.packetsPerSecond() > shape.forwardedPerSecond());
    }
}
