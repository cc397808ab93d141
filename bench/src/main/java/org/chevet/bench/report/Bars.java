package org.chevet.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** Bars in groups, as SVG: a group per scenario, a bar per server, every bar with its number. */
public final class Bars {
    private static final int WIDTH = 760;
    private static final int ROW = 22;
    private static final int GAP = 18;
    private static final int TOP = 52;
    private static final int LEFT = 150;
    private static final int RIGHT = 90;
    private static final String[] COLOURS = {"#0b6e8a", "#d1495b", "#8d99ae", "#6a994e", "#e09f3e", "#33415c"};

    private final String title;
    private final List<String> servers;
    private final List<Group> groups = new ArrayList<>();

    private record Group(String name, List<Double> values) {
    }

    /** With a title and the names of the bars of each group. */
    public Bars(final String title, final List<String> servers) {
        this.title = title;
        this.servers = List.copyOf(servers);
    }

    /** Adds a group, one value per server; NaN leaves a bar out. Each group has its own scale. */
    public Bars group(final String name, final double... values) {
        if (values.length != servers.size()) {
            throw new IllegalArgumentException(servers.size() + " values, not " + values.length);
        }
        groups.add(new Group(name, DoubleStream.of(values).boxed().toList()));
        return this;
    }

    /** The picture. */
    public String svg() {
        final int height = TOP + groups.size() * (servers.size() * ROW + GAP) + 8;
        final Svg svg = new Svg(WIDTH, height);
        svg.title(16, title);
        int y = TOP;
        for (final Group group : groups) {
            svg.text(16, y + 15.0, "start", Svg.INK, "font-weight=\"600\"", group.name());
            double most = 0;
            for (final double value : group.values()) {
                most = Double.isNaN(value) ? most : Math.max(most, value);
            }
            for (int i = 0; i < servers.size(); i++) {
                bar(svg, y, servers.get(i), group.values().get(i), most, COLOURS[i % COLOURS.length]);
                y += ROW;
            }
            y += GAP;
        }
        return svg.toString();
    }

    private static void bar(final Svg svg, final int y, final String name, final double value, final double most,
        final String colour) {
        svg.text(LEFT - 8.0, y + 15.0, "end", Svg.GREY, "", name);
        final double width = Double.isNaN(value) || most <= 0 ? 0 : value / most * (WIDTH - LEFT - RIGHT);
        svg.rectangle(LEFT, y + 2.0, width, ROW - 5.0, 2, colour);
        svg.text(LEFT + width + 6, y + 15.0, "start", Svg.INK, "", Table.number(value));
    }
}
