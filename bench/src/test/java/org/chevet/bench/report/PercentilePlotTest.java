package org.chevet.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class PercentilePlotTest {
    private static Histogram times(final long fromNs, final int count) {
        final Histogram histogram = new Histogram(1, 10_000_000_000L, 3);
        for (int i = 0; i < count; i++) {
            histogram.recordValue(fromNs + i * 1000L);
        }
        return histogram;
    }

    private static Document parse(final String svg) throws Exception {
        final DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    @Test
    void everyLineStaysInThePicture() throws Exception {
        final String svg = new PercentilePlot("A & B").line("one <way>", times(40_000, 20_000))
            .line("other", times(900_000, 500)).svg();
        final Document document = parse(svg);
        assertEquals(2, document.getElementsByTagName("polyline").getLength());
        for (int i = 0; i < 2; i++) {
            final String points =
                ((Element) document.getElementsByTagName("polyline").item(i)).getAttribute("points").strip();
            double before = -1;
            for (final String point : points.split(" ", -1)) {
                final String[] xy = point.split(",", -1);
                final double x = Double.parseDouble(xy[0]);
                final double y = Double.parseDouble(xy[1]);
                assertTrue(x >= 72 && x <= 600 && y >= 46 && y <= 368, point);
                assertTrue(x >= before, "percentiles go to the right");
                before = x;
            }
        }
        assertTrue(svg.contains("A &amp; B") && svg.contains("one &lt;way>"));
    }

    @Test
    void barsAreAsLongAsTheirValues() throws Exception {
        final Document document = parse(new Bars("T", List.of("a", "b", "c"))
            .group("one", 10, 5, Double.NaN).svg());
        final double[] widths = new double[3];
        for (int i = 0; i < 3; i++) {
            widths[i] = Double.parseDouble(
                ((Element) document.getElementsByTagName("rect").item(i + 1)).getAttribute("width"));
        }
        assertEquals(widths[0] / 2, widths[1], 0.1);
        assertEquals(0, widths[2]);
    }

    @Test
    void tooFewSamplesDrawNothing() throws Exception {
        final String svg = new PercentilePlot("empty").line("few", times(1000, 3)).svg();
        assertFalse(svg.contains("polyline"));
        parse(svg);
    }
}
