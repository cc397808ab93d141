package org.chevet.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.chevet.bench.mark.Ledger;
import org.chevet.bench.mark.Tally;
import org.chevet.bench.mark.TrafficClass;
import org.chevet.bench.report.Table;
import org.chevet.bench.server.ProcessSample;
import org.junit.jupiter.api.Test;

class PeersReportTest {
    /** A window of a thousand packets that cost so much each and took so long. */
    private static Figures window(final double costUs, final long oneWayNs) {
        final Ledger ledger = new Ledger();
        ledger.begin(0);
        final Tally tally = new Tally();
        for (int i = 0; i < 1000; i++) {
            ledger.accept(i);
            tally.time(oneWayNs);
        }
        ledger.end(1000);
        tally.add(ledger);
        return new Figures(Plan.calls(20), 1, Map.of(TrafficClass.AUDIO, tally), new LoopCounts(), new Histogram(1),
            new ProcessSample((long) (costUs * 1e6), 0, 0, 0, 0, 1), 0.1);
    }

    @Test
    void ratiosAreOfMediansOverRounds() {
        final PeersReport report = new PeersReport(List.of("chevet", "janus", "bare"), new ArrayList<>(), "none");
        for (final double cost : new double[] {30, 90, 20}) {
            report.add("chevet", window(cost, 400_000), new Joins(), 1000);
            report.add("janus", window(2 * cost, 900_000), new Joins(), 1000);
            report.add("bare", window(cost / 3, 100_000), new Joins(), 1000);
        }
        final String text = report.text();
        assertTrue(text.matches("(?s).*calls20 +chevet +1000 +30\\.0 +0\\.500 +3\\.00 +0\\.400.*"), text);
        assertTrue(text.matches("(?s).*calls20: CPU per packet to janus +<= 0\\.4 +0\\.500 +missed by 1\\.25 x.*"),
            text);
        assertTrue(text.matches("(?s).*calls20: p50 to bare +<= 2\\.0 +4\\.00 +missed by 2\\.00 x.*"), text);
    }

    @Test
    void aBarIsMetMissedOrNotMeasured() {
        final Table table = new Table("a", "b", "c", "d");
        PeersReport.bar(table, "low", 0.5, 0.4, true);
        PeersReport.bar(table, "high", 2.8, 1.4, false);
        PeersReport.bar(table, "none", 1, Double.NaN, true);
        final String text = table.text();
        assertTrue(text.contains("met") && text.contains("missed by 2.00 x") && text.contains("not measured"), text);
    }

    @Test
    void otherServersComeByTheirAddresses() {
        final Target target = PeersCommand.other("mine=http://h/whip/{room},http://h/whep/{room},123");
        assertEquals("mine", target.server().name());
        assertEquals(123, target.pid());
        assertEquals(0, PeersCommand.other("mine=a,b").pid());
        assertThrows(IllegalArgumentException.class, () -> PeersCommand.other("mine=a"));
        assertThrows(IllegalArgumentException.class, () -> PeersCommand.other("=a,b"));
    }
}
