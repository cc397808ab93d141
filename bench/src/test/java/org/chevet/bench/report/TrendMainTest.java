package org.chevet.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrendMainTest {
    private final ObjectMapper json = new ObjectMapper();

    private ObjectNode run(final String time, final String commit, final double ratio) {
        final ObjectNode run = json.createObjectNode().put("time", time).put("commit", commit);
        run.putObject("path").putArray("results").addObject().put("provider", "ipsec-mb").put("sockets", "GSO")
            .put("receivers", 32).put("ratio", ratio).put("laneNs", 1000 * ratio);
        return run;
    }

    @Test
    void runsAreKeptByDateAndCommitAndReadInTheirOrder(@TempDir final Path results) throws IOException {
        assertEquals("2026-01-02-bbb.json",
            TrendMain.record(results, run("2026-01-02T10:00:00Z", "bbb", 1)).getFileName().toString());
        assertEquals("2026-01-02-aaa-changed.json",
            TrendMain.record(results, run("2026-01-02T11:00:00Z", "aaa+", 1)).getFileName().toString());
        assertEquals(List.of("bbb", "aaa+"),
            TrendMain.read(results).stream().map(run -> run.path("commit").asText()).toList());
    }

    @Test
    void eachRunIsAPointAndHigherIsMore() {
        final String svg = TrendMain.plot(List.of(run("1", "one", 1.0), run("2", "two", 2.0)));
        // Two panels with a line each: what no run has is not drawn.
        assertEquals(2, svg.split("<polyline", -1).length - 1);
        assertEquals(4, svg.split("<circle", -1).length - 1);
        assertFalse(svg.contains("Vitals"));
        final String[] points = svg.substring(svg.indexOf("points=\"") + 8).split("\"", 2)[0].strip().split(" ", -1);
        final double[] first = coordinates(points[0]);
        final double[] second = coordinates(points[1]);
        assertTrue(second[0] > first[0], "to the right");
        // The axis begins at 0, at the foot of the first panel (214): twice the value is twice as high.
        assertEquals(2 * (214 - first[1]), 214 - second[1], 0.2);
        assertTrue(svg.contains(">one<") && svg.contains(">two<"));
    }

    private static double[] coordinates(final String point) {
        final String[] xy = point.split(",", -1);
        return new double[]{Double.parseDouble(xy[0]), Double.parseDouble(xy[1])};
    }

    @Test
    void aRunWithoutTheFigureLeavesAHole() {
        final TrendPlot plot = new TrendPlot("A & B", List.of("x", "y", "z"));
        plot.panel("P").line("l", 1, Double.NaN, 3).line("never", Double.NaN, Double.NaN, Double.NaN);
        final String svg = plot.svg();
        assertEquals(2, svg.split("<circle", -1).length - 1);
        assertFalse(svg.contains("never"));
        assertTrue(svg.contains("A &amp; B"));
        assertThrows(IllegalArgumentException.class, () -> plot.panel("Q").line("short", 1));
    }
}
