package org.chevet.relay.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DeadlineTableTest {
    @Test
    void anEmptyTableHasNothingDue() {
        final DeadlineTable table = new DeadlineTable();
        assertEquals(Long.MAX_VALUE, table.next());
        assertEquals(-1, table.pollDue(Long.MAX_VALUE));
    }

    @Test
    void agreesWithASortedMapOverRandomOperations() {
        final long seed = 20_261_122;
        final Random random = new Random(seed);
        final DeadlineTable table = new DeadlineTable();
        final TreeMap<Integer, Long> model = new TreeMap<>();
        for (int step = 0; step < 50_000; step++) {
            final int id = random.nextInt(300);
            switch (random.nextInt(4)) {
                case 0 -> {
                    table.set(id, Long.MAX_VALUE);
                    model.remove(id);
                }
                case 1, 2 -> {
                    final long deadline = random.nextInt(1000);
                    table.set(id, deadline);
                    model.put(id, deadline);
                }
                default -> {
                    final long now = random.nextInt(300);
                    final int due = table.pollDue(now);
                    if (due == -1) {
                        model.values().forEach(d -> assertEquals(true, d > now, "seed " + seed));
                    } else {
                        final long earliest = model.values().stream().mapToLong(Long::longValue).min().orElseThrow();
                        assertEquals(earliest, model.remove(due), "seed " + seed);
                    }
                }
            }
            final long next = model.values().stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
            assertEquals(next, table.next(), "seed " + seed + " step " + step);
        }
    }
}
