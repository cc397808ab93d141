package org.chevet.bench.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A table of text: the first column to the left, the others to the right. */
public final class Table {
    private final List<String> head;
    private final List<List<String>> rows = new ArrayList<>();

    /** With these titles of columns. */
    public Table(final String... titles) {
        head = List.of(titles);
    }

    /** Adds a row; as many cells as there are titles. */
    public Table row(final String... cells) {
        if (cells.length != head.size()) {
            throw new IllegalArgumentException(head.size() + " cells, not " + cells.length);
        }
        rows.add(List.copyOf(Arrays.asList(cells)));
        return this;
    }

    /** True when it has no rows. */
    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** For a terminal: aligned columns, two spaces between them. */
    public String text() {
        final int[] widths = widths();
        final StringBuilder out = new StringBuilder();
        line(out, head, widths);
        for (final List<String> row : rows) {
            line(out, row, widths);
        }
        return out.toString();
    }

    /** For a page in Markdown. */
    public String markdown() {
        final StringBuilder out = new StringBuilder("| ").append(String.join(" | ", head)).append(" |\n|---|")
            .append("--:|".repeat(head.size() - 1)).append('\n');
        rows.forEach(row -> out.append("| ").append(String.join(" | ", row)).append(" |\n"));
        return out.toString();
    }

    private int[] widths() {
        final int[] widths = new int[head.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = head.get(i).length();
            for (final List<String> row : rows) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return widths;
    }

    private static void line(final StringBuilder out, final List<String> cells, final int[] widths) {
        final StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            final String pad = " ".repeat(widths[i] - cells.get(i).length());
            line.append(i == 0 ? cells.get(i) + pad : "  " + pad + cells.get(i));
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }

    /** A number with three significant digits at most and no more than its size needs: 0.123, 4.56, 78.9, 1234. */
    public static String number(final double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        final double size = Math.abs(value);
        if (size >= 100 || value == 0) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        return String.format(Locale.ROOT, size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value);
    }

    /** A share as percentage. */
    public static String percent(final double share) {
        if (Double.isNaN(share)) {
            return "-";
        }
        if (share != 0 && Math.abs(share) < 0.0001) {
            return String.format(Locale.ROOT, "%.4f %%", share * 100);
        }
        return String.format(Locale.ROOT, Math.abs(share) < 0.1 && share != 0 ? "%.2f %%" : "%.0f %%", share * 100);
    }
}
