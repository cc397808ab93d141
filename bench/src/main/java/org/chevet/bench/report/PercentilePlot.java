package org.chevet.bench.report;

import java.util.ArrayList;
import java.util.List;
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
        final Svg svg = new Svg(WIDTH, HEIGHT);
        svg.title(LEFT, title);
        axes(svg, low, high);
        for (int i = 0; i < all.size(); i++) {
            draw(svg, all.get(i), COLOURS[i % COLOURS.length], low, high);
        }
        legend(svg);
        return svg.toString();
    }

    private static void axes(final Svg svg, final double low, final double high) {
        for (int i = 0; i < PERCENTILES.length; i++) {
            final double x = LEFT + (WIDTH - LEFT - RIGHT) * i / DECADES;
            svg.line(x, TOP, x, HEIGHT - BOTTOM, i == 0 ? Svg.BASE_LINE : Svg.GRID_LINE);
            svg.text(x, HEIGHT - BOTTOM + 18, "middle", Svg.GREY, "", PERCENTILES[i] + " %");
        }
        svg.text(LEFT + (WIDTH - LEFT - RIGHT) / 2.0, HEIGHT - 12, "middle", Svg.GREY, "", "share of packets");
        for (double decade = low; decade <= high; decade++) {
            final double y = y(Math.pow(10, decade), low, high);
            svg.line(LEFT, y, WIDTH - RIGHT, y, decade == low ? Svg.BASE_LINE : Svg.GRID_LINE);
            svg.text(LEFT - 8, y + 4, "end", Svg.GREY, "", time(Math.pow(10, decade)));
        }
    }

    private static void draw(final Svg svg, final Series series, final String colour, final double low,
        final double high) {
        final double end = -Math.log10(1 - last(series.times()));
        final StringBuilder points = new StringBuilder(4096);
        for (int i = 0; i <= STEPS; i++) {
            final double position = Math.min(DECADES, end) * i / STEPS;
            final double value = series.times().getValueAtPercentile(100 * (1 - Math.pow(10, -position)));
            Svg.point(points, LEFT + (WIDTH - LEFT - RIGHT) * position / DECADES,
                y(Math.max(Math.pow(10, low), value), low, high));
        }
        svg.path(points, colour);
    }

    private void legend(final Svg svg) {
        for (int i = 0; i < all.size(); i++) {
            final Histogram times = all.get(i).times();
            svg.legend(WIDTH - RIGHT + 18.0, TOP + 11 + 40.0 * i, COLOURS[i % COLOURS.length], all.get(i).name(),
                time((double) times.getValueAtPercentile(50)) + " / "
                    + time((double) times.getValueAtPercentile(99)));
        }
        svg.text(WIDTH - RIGHT + 18.0, HEIGHT - BOTTOM, "start", "#718096", "font-size=\"11\"", "median / 99 %");
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
}
