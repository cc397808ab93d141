package org.chevet.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * A plot of one-way times by percentile, as SVG: the horizontal axis stretches the tail (90 %, 99 %, 99.9 % are at
 * equal distances), the vertical one is logarithmic.
 */
public final class PercentilePlot {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 420;
    private static final int LEFT = 72;
    private static final int RIGHT = 160;
    private static final int TOP = 46;
    private static final int BOTTOM = 52;
    private static final int STEPS = 240;
    /** The tail of fewer samples than this is chance. */
    private static final int LEAST_SAMPLES = 10;
    private static final double DECADES = 4;
    private static final String[] COLOURS = {"#0b6e8a", "#d1495b", "#6a994e", "#8e6c8a", "#e09f3e", "#33415c"};
    private static final String[] PERCENTILES = {"0", "90", "99", "99.9", "99.99"};

    private final String title;
    private final List<Series> all = new ArrayList<>();

    private record Series(String name, Histogram times) {
    }

    /** With a title; times are in nanoseconds. */
    public PercentilePlot(final String title) {
        this.title = title;
    }

    /** Adds a line, when there is something to draw. */
    public PercentilePlot line(final String name, final Histogram times) {
        if (times.getTotalCount() >= LEAST_SAMPLES) {
            all.add(new Series(name, times));
        }
        return this;
    }

    /** The picture. */
    public String svg() {
        double least = 1e5;
        double most = 1e6;
        for (final Series series : all) {
            least = Math.min(least, Math.max(1e3, (double) series.times().getValueAtPercentile(1)));
            most = Math.max(most, (double) series.times().getValueAtPercentile(last(series.times()) * 100));
        }
        final double low = Math.floor(Math.log10(least));
        final double high = Math.ceil(Math.log10(most));
        final StringBuilder svg = new StringBuilder(8192);
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ").append(WIDTH).append(' ')
            .append(HEIGHT).append("\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n")
            .append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        text(svg, LEFT, 24, "start", "#1b263b", "font-size=\"15\" font-weight=\"600\"", title);
        axes(svg, low, high);
        for (int i = 0; i < all.size(); i++) {
            draw(svg, all.get(i), COLOURS[i % COLOURS.length], low, high);
        }
        legend(svg);
        return svg.append("</svg>\n").toString();
    }

    private static void axes(final StringBuilder svg, final double low, final double high) {
        for (int i = 0; i < PERCENTILES.length; i++) {
            final double x = LEFT + (WIDTH - LEFT - RIGHT) * i / DECADES;
            rule(svg, x, TOP, x, HEIGHT - BOTTOM, i == 0 ? "#8d99ae" : "#e3e7ee");
            text(svg, x, HEIGHT - BOTTOM + 18, "middle", "#4a5568", "", PERCENTILES[i] + " %");
        }
        text(svg, LEFT + (WIDTH - LEFT - RIGHT) / 2.0, HEIGHT - 12, "middle", "#4a5568", "", "share of packets");
        for (double decade = low; decade <= high; decade++) {
            final double y = y(Math.pow(10, decade), low, high);
            rule(svg, LEFT, y, WIDTH - RIGHT, y, decade == low ? "#8d99ae" : "#e3e7ee");
            text(svg, LEFT - 8, y + 4, "end", "#4a5568", "", time(Math.pow(10, decade)));
        }
    }

    private static void draw(final StringBuilder svg, final Series series, final String colour, final double low,
        final double high) {
        final double end = -Math.log10(1 - last(series.times()));
        svg.append("<polyline fill=\"none\" stroke=\"").append(colour)
            .append("\" stroke-width=\"2\" stroke-linejoin=\"round\" points=\"");
        for (int i = 0; i <= STEPS; i++) {
            final double position = Math.min(DECADES, end) * i / STEPS;
            final double value = series.times().getValueAtPercentile(100 * (1 - Math.pow(10, -position)));
            svg.append(round(LEFT + (WIDTH - LEFT - RIGHT) * position / DECADES)).append(',')
                .append(round(y(Math.max(Math.pow(10, low), value), low, high))).append(' ');
        }
        svg.append("\"/>\n");
    }

    private void legend(final StringBuilder svg) {
        for (int i = 0; i < all.size(); i++) {
            final double y = TOP + 14 + 40.0 * i;
            final double x = WIDTH - RIGHT + 18.0;
            svg.append("<rect x=\"").append(round(x)).append("\" y=\"").append(round(y - 9))
                .append("\" width=\"12\" height=\"4\" fill=\"").append(COLOURS[i % COLOURS.length]).append("\"/>\n");
            text(svg, x + 18, y - 3, "start", "#1b263b", "font-weight=\"600\"", all.get(i).name());
            text(svg, x + 18, y + 12, "start", "#4a5568", "font-size=\"11\"",
                time((double) all.get(i).times().getValueAtPercentile(50)) + " / "
                    + time((double) all.get(i).times().getValueAtPercentile(99)));
        }
        text(svg, WIDTH - RIGHT + 18.0, HEIGHT - BOTTOM, "start", "#718096", "font-size=\"11\"", "median / 99 %");
    }

    /** The last share that at least some samples lie above. */
    private static double last(final Histogram times) {
        return 1 - Math.max(Math.pow(10, -DECADES), (double) LEAST_SAMPLES / 2 / times.getTotalCount());
    }

    private static double y(final double value, final double low, final double high) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (Math.log10(value) - low) / (high - low);
    }

    private static String time(final double ns) {
        return ns >= 1e9 ? Table.number(ns / 1e9) + " s" : ns >= 1e6 ? Table.number(ns / 1e6) + " ms"
            : Table.number(ns / 1e3) + " us";
    }

    private static void rule(final StringBuilder svg, final double x1, final double y1, final double x2,
        final double y2, final String colour) {
        svg.append("<line x1=\"").append(round(x1)).append("\" y1=\"").append(round(y1)).append("\" x2=\"")
            .append(round(x2)).append("\" y2=\"").append(round(y2)).append("\" stroke=\"").append(colour)
            .append("\"/>\n");
    }

    private static void text(final StringBuilder svg, final double x, final double y, final String anchor,
        final String colour, final String more, final String words) {
        svg.append("<text x=\"").append(round(x)).append("\" y=\"").append(round(y)).append("\" text-anchor=\"")
            .append(anchor).append("\" fill=\"").append(colour).append("\" ").append(more).append('>')
            .append(words.replace("&", "&amp;").replace("<", "&lt;")).append("</text>\n");
    }

    private static String round(final double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
