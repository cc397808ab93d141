package org.chevet.bench.mark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private final Ledger ledger = new Ledger();

    @Test
    void lossIsWhatDidNotCome() {
        ledger.begin(100);
        for (int i = 100; i < 110; i++) {
            if (i != 103 && i != 109) {
                assertTrue(ledger.accept(i));
            }
        }
        ledger.end(110);
        assertEquals(10, ledger.expected());
        assertEquals(8, ledger.received());
        assertEquals(2, ledger.lost());
        assertEquals(0, ledger.reordered());
    }

    @Test
    void aLostTailCounts() {
        ledger.begin(0);
        ledger.accept(0);
        ledger.end(5);
        assertEquals(4, ledger.lost());
    }

    @Test
    void aStreamThatNeverCameIsLostWhole() {
        ledger.begin(7);
        ledger.end(27);
        assertEquals(20, ledger.lost());
    }

    @Test
    void lateIsReorderedAndTwiceIsDuplicate() {
        ledger.begin(0);
        ledger.accept(0);
        ledger.accept(2);
        assertTrue(ledger.accept(1));
        assertFalse(ledger.accept(1));
        assertFalse(ledger.accept(2));
        ledger.end(3);
        assertEquals(1, ledger.reordered());
        assertEquals(2, ledger.duplicates());
        assertEquals(0, ledger.lost());
    }

    @Test
    void onlyTheWindowCounts() {
        ledger.begin(10);
        assertFalse(ledger.accept(9));
        assertTrue(ledger.accept(10));
        ledger.end(11);
        assertFalse(ledger.accept(11));
        assertEquals(1, ledger.received());
        assertEquals(0, ledger.lost());
    }

    @Test
    void aWindowMayBeginWithWhateverComes() {
        ledger.beginWithFirst();
        assertEquals(0, ledger.expected());
        assertTrue(ledger.accept(500));
        assertTrue(ledger.accept(502));
        assertEquals(3, ledger.expected());
        assertEquals(1, ledger.lost());
    }

    @Test
    void anyOrderOfAnyPacketsIsCountedRight() {
        final SplittableRandom random = new SplittableRandom(20);
        for (int run = 0; run < 50; run++) {
            final BitSet model = new BitSet();
            int duplicates = 0;
            ledger.begin(1000);
            for (int i = 0; i < 6000; i++) {
                final int sequence = 1000 + Math.max(0, i + random.nextInt(-40, 40));
                if (model.get(sequence)) {
                    duplicates++;
                }
                model.set(sequence);
                ledger.accept(sequence);
            }
            ledger.end(8000);
            assertEquals(model.cardinality(), ledger.received());
            assertEquals(duplicates, ledger.duplicates());
            assertEquals(7000 - model.cardinality(), ledger.lost());
        }
    }

    @Test
    void neighboursOfAMarkAreToldByTheirRtpNumbers() {
        ledger.begin(70_000);
        assertEquals(-1, ledger.ofRtp(3));
        ledger.pair(65_530, 70_100);
        assertEquals(70_100, ledger.ofRtp(65_530));
        assertEquals(70_110, ledger.ofRtp(4));
        assertEquals(70_099, ledger.ofRtp(65_529));
    }

    @Test
    void talliesAddUp() {
        ledger.begin(0);
        ledger.accept(1);
        ledger.end(4);
        final Tally tally = new Tally();
        tally.add(ledger);
        tally.add(ledger);
        tally.time(-5);
        tally.time(2_000_000);
        final Tally sum = new Tally();
        sum.add(tally);
        assertEquals(8, sum.expected());
        assertEquals(6, sum.lost());
        assertEquals(0.75, sum.loss());
        assertEquals(1, sum.earlier());
        assertEquals(1, sum.oneWay().getTotalCount());
        sum.clear();
        assertEquals(0, sum.loss());
    }
}
