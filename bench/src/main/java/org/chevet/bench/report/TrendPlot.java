package org.chevet.bench.report;

import java.util.ArrayList;
import java.util.List;

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
        final Svg svg = new Svg(WIDTH, height);
        svg.title(LEFT, title);
        for (int i = 0; i < drawn.size(); i++) {
            draw(svg, drawn.get(i), TOP + PANEL * i);
        }
        final int step = Math.max(1, (runs.size() + MOST_LABELS - 1) / MOST_LABELS);
        for (int i = 0; i < runs.size(); i += step) {
            svg.text(x(i), height - 14, "middle", Svg.GREY, "font-size=\"11\"", runs.get(i));
        }
        return svg.toString();
    }

    private void draw(final Svg svg, final Panel panel, final int top) {
        final double high = top + PANEL_HEAD;
        final double low = top + PANEL - PANEL_FOOT;
        final double most = panel.most();
        svg.text(LEFT, top + 14, "start", Svg.INK, "font-weight=\"600\"", panel.name);
        for (int i = 0; i <= RULES; i++) {
            final double y = low - (low - high) * i / RULES;
            svg.line(LEFT, y, WIDTH - RIGHT, y, i == 0 ? Svg.BASE_LINE : Svg.GRID_LINE);
            svg.text(LEFT - 8.0, y + 4, "end", Svg.GREY, "", Table.number(most * i / RULES));
        }
        for (int i = 0; i < panel.lines.size(); i++) {
            final String colour = COLOURS[i % COLOURS.length];
            line(svg, panel.lines.get(i), colour, high, low, most);
            svg.legend(WIDTH - RIGHT + 18.0, high + 10 + 32.0 * i, colour, panel.names.get(i),
                "last " + Table.number(last(panel.lines.get(i))));
        }
    }

    private void line(final Svg svg, final double[] values, final String colour, final double high,
        final double low, final double most) {
        final StringBuilder points = new StringBuilder();
        for (int i = 0; i < values.length; i++) {
            if (Double.isFinite(values[i])) {
                final double y = low - (low - high) * Math.max(0, values[i]) / most;
                Svg.point(points, x(i), y);
                svg.dot(x(i), y, colour);
            }
        }
        svg.path(points, colour);
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
}
