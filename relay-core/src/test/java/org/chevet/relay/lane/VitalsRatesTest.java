package org.chevet.relay.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What of a receiver's bandwidth device data takes, as the allocator hears of it. */
class VitalsRatesTest {
    private static final long MS = 1_000_000L;
    private static final long START = 50_000 * MS;

    private final List<String> told = new ArrayList<>();
    private final VitalsRates rates =
        new VitalsRates((participant, rateBps, nowNs) -> told.add(participant + " " + rateBps));

    @Test
    @Tag("REQ-O17")
    void ratesAreToldEverySecondAndOnceMoreWhenNothingFlows() {
        rates.turn(START);
        rates.opened(1, "doctor");
        rates.opened(2, "silent");
        for (int i = 1; i <= 10; i++) {
            rates.sent(1, 910);
            rates.turn(START + i * 100L * MS);
        }
        assertEquals(List.of("doctor 80000"), told);
        rates.turn(START + 1999 * MS);
        assertEquals(1, told.size());
        rates.turn(START + 2000 * MS);
        rates.turn(START + 3000 * MS);
        assertEquals(List.of("doctor 80000", "doctor 0"), told);
    }

    @Test
    void aSilenceDoesNotThinTheRateAndAConnectionThatGoesLeavesItsRoom() {
        rates.turn(START);
        rates.opened(1, "doctor");
        rates.sent(1, 10_000 - VitalsRates.OVERHEAD_BYTES);
        rates.turn(START + 60_000 * MS);
        assertEquals(List.of("doctor 40000"), told);
        rates.closed(1, START + 60_100 * MS);
        rates.closed(1, START + 60_200 * MS);
        assertEquals(List.of("doctor 40000", "doctor 0"), told);
    }
}
