package org.chevet.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Figures from run to run, as SVG: panels above each other, in each some lines over the same runs, from zero. */
public final class TrendPlot {
    private static final int WIDTH = 760;
    private static final int LEFT = 72;
    private static final int RIGHT = 190;
    private static final int TOP = 48;
    private static final int PANEL = 190;
    private static final int PANEL_HEAD = 26;
    private static final int PANEL_FOOT = 24;
    private static final int BOTTOM = 34;
    private static final int RULES = 4;
    private static final int MOST_LABELS = 8;
    private static final double HEADROOM = 1.1;
    private static final String[] COLOURS = {"#0b6e8a", "#d1495b", "#6a994e", "#8e6c8a", "#e09f3e", "#33415c"};

    private final String title;
    private final List<String> runs;
    private final List<Panel> panels = new ArrayList<>();

    /** Lines of one unit. */
    public final class Panel {
        private final String name;
        private final List<String> names = new ArrayList<>();
        private final List<double[]> lines = new ArrayList<>();

        private Panel(final String name) {
            this.name = name;
        }

        /** Adds a line: one value for each run, NaN where there is none. Left out when all are NaN. */
        public Panel line(final String lineName, final double... values) {
            if (values.length != runs.size()) {
                throw new IllegalArgumentException(runs.size() + " values, not " + values.length);
            }
            for (final double value : values) {
                if (Double.isFinite(value)) {
                    names.add(lineName);
                    lines.add(values.clone());
                    break;
                }
            }
            return this;
        }

        private double most() {
            double most = 0;
            for (final double[] line : lines) {
                for (final double value : line) {
                    most = Double.isFinite(value) ? Math.max(most, value) : most;
                }
            }
            return most == 0 ? 1 : most * HEADROOM;
        }
    }

    /** Of these runs, oldest first, by short names. */
    public TrendPlot(final String title, final List<String> runs) {
        this.title = title;
        this.runs = List.copyOf(runs);
    }

    /** Adds a panel; it is drawn when it gets a line. */
    public Panel panel(final String name) {
        final Panel panel = new Panel(name);
        panels.add(panel);
        return panel;
    }

    /** The picture. */
    public String svg() {
        final List<Panel> drawn = panels.stream().filter(panel -> !panel.lines.isEmpty()).toList();
        final int height = TOP + PANEL * drawn.size() + BOTTOM;
        final StringBuilder svg = new StringBuilder(8192);
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ").append(WIDTH).append(' ')
            .append(height).append("\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n")
            .append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        text(svg, LEFT, 24, "start", "#1b263b", "font-size=\"15\" font-weight=\"600\"", title);
        for (int i = 0; i < drawn.size(); i++) {
            draw(svg, drawn.get(i), TOP + PANEL * i);
        }
        final int step = Math.max(1, (runs.size() + MOST_LABELS - 1) / MOST_LABELS);
        for (int i = 0; i < runs.size(); i += step) {
            text(svg, x(i), height - 14, "middle", "#4a5568", "font-size=\"11\"", runs.get(i));
        }
        return svg.append("</svg>\n").toString();
    }

    private void draw(final StringBuilder svg, final Panel panel, final int top) {
        final double high = top + PANEL_HEAD;
        final double low = top + PANEL - PANEL_FOOT;
        final double most = panel.most();
        text(svg, LEFT, top + 14, "start", "#1b263b", "font-weight=\"600\"", panel.name);
        for (int i = 0; i <= RULES; i++) {
            final double y = low - (low - high) * i / RULES;
            svg.append("<line x1=\"").append(LEFT).append("\" y1=\"").append(round(y)).append("\" x2=\"")
                .append(WIDTH - RIGHT).append("\" y2=\"").append(round(y)).append("\" stroke=\"")
                .append(i == 0 ? "#8d99ae" : "#e3e7ee").append("\"/>\n");
            text(svg, LEFT - 8.0, y + 4, "end", "#4a5568", "", Table.number(most * i / RULES));
        }
        for (int i = 0; i < panel.lines.size(); i++) {
            final String colour = COLOURS[i % COLOURS.length];
            line(svg, panel.lines.get(i), colour, high, low, most);
            final double y = high + 10 + 32.0 * i;
            svg.append("<rect x=\"").append(WIDTH - RIGHT + 18).append("\" y=\"").append(round(y - 6))
                .append("\" width=\"12\" height=\"4\" fill=\"").append(colour).append("\"/>\n");
            text(svg, WIDTH - RIGHT + 36.0, y, "start", "#1b263b", "font-weight=\"600\"", panel.names.get(i));
            text(svg, WIDTH - RIGHT + 36.0, y + 14, "start", "#4a5568", "font-size=\"11\"",
                "last " + Table.number(last(panel.lines.get(i))));
        }
    }

    private void line(final StringBuilder svg, final double[] values, final String colour, final double high,
        final double low, final double most) {
        final StringBuilder points = new StringBuilder();
        for (int i = 0; i < values.length; i++) {
            if (Double.isFinite(values[i])) {
                final String x = round(x(i));
                final String y = round(low - (low - high) * Math.max(0, values[i]) / most);
                points.append(x).append(',').append(y).append(' ');
                svg.append("<circle cx=\"").append(x).append("\" cy=\"").append(y).append("\" r=\"3\" fill=\"")
                    .append(colour).append("\"/>\n");
            }
        }
        svg.append("<polyline fill=\"none\" stroke=\"").append(colour).append("\" stroke-width=\"2\" points=\"")
            .append(points).append("\"/>\n");
    }

    private static double last(final double[] values) {
        for (int i = values.length - 1; i >= 0; i--) {
            if (Double.isFinite(values[i])) {
                return values[i];
            }
        }
        return Double.NaN;
    }

    private double x(final int run) {
        return LEFT + (WIDTH - LEFT - RIGHT) * (run + 0.5) / runs.size();
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
