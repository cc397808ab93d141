package org.chevet.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
        final StringBuilder svg = new StringBuilder(4096);
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ").append(WIDTH).append(' ')
            .append(height).append("\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n")
            .append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n")
            .append("<text x=\"16\" y=\"26\" font-size=\"15\" font-weight=\"600\" fill=\"#1b263b\">")
            .append(escaped(title)).append("</text>\n");
        int y = TOP;
        for (final Group group : groups) {
            svg.append("<text x=\"16\" y=\"").append(y + 15).append("\" font-weight=\"600\" fill=\"#1b263b\">")
                .append(escaped(group.name())).append("</text>\n");
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
        return svg.append("</svg>\n").toString();
    }

    private static void bar(final StringBuilder svg, final int y, final String name, final double value,
        final double most, final String colour) {
        svg.append("<text x=\"").append(LEFT - 8).append("\" y=\"").append(y + 15)
            .append("\" text-anchor=\"end\" fill=\"#4a5568\">").append(escaped(name)).append("</text>\n");
        final double width = Double.isNaN(value) || most <= 0 ? 0 : value / most * (WIDTH - LEFT - RIGHT);
        svg.append("<rect x=\"").append(LEFT).append("\" y=\"").append(y + 2).append("\" width=\"")
            .append(String.format(Locale.ROOT, "%.1f", width)).append("\" height=\"").append(ROW - 5)
            .append("\" rx=\"2\" fill=\"").append(colour).append("\"/>\n<text x=\"")
            .append(String.format(Locale.ROOT, "%.1f", LEFT + width + 6)).append("\" y=\"").append(y + 15)
            .append("\" fill=\"#1b263b\">").append(Table.number(value)).append("</text>\n");
    }

    private static String escaped(final String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;");
    }
}
