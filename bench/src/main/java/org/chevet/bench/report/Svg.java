package org.chevet.bench.report;

import java.util.Locale;

/** A picture under way, with what all our plots draw: white ground, rules, words, marks. Lengths are user units. */
final class Svg {
    /** Colours of words and lines. */
    static final String INK = "#1b263b";
    static final String GREY = "#4a5568";
    static final String BASE_LINE = "#8d99ae";
    static final String GRID_LINE = "#e3e7ee";

    private final StringBuilder svg = new StringBuilder(8192);

    /** Starts a picture of this size. */
    Svg(final int width, final int height) {
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ").append(width).append(' ')
            .append(height).append("\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n")
            .append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    }

    /** The plot's own title. */
    void title(final double x, final String words) {
        text(x, 24, "start", INK, "font-size=\"15\" font-weight=\"600\"", words);
    }

    /**
     * Words.
     *
     * @param anchor start, middle or end
     * @param more further attributes, or ""
     */
    void text(final double x, final double y, final String anchor, final String colour, final String more,
        final String words) {
        svg.append("<text x=\"").append(round(x)).append("\" y=\"").append(round(y)).append("\" text-anchor=\"")
            .append(anchor).append("\" fill=\"").append(colour).append("\" ").append(more).append('>')
            .append(words.replace("&", "&amp;").replace("<", "&lt;")).append("</text>\n");
    }

    /** A thin line. */
    void line(final double x1, final double y1, final double x2, final double y2, final String colour) {
        svg.append("<line x1=\"").append(round(x1)).append("\" y1=\"").append(round(y1)).append("\" x2=\"")
            .append(round(x2)).append("\" y2=\"").append(round(y2)).append("\" stroke=\"").append(colour)
            .append("\"/>\n");
    }

    /** The mark of a line in the legend, with a name and a remark beside it. */
    void legend(final double x, final double y, final String colour, final String name, final String remark) {
        rectangle(x, y - 6, 12, 4, 0, colour);
        text(x + 18, y, "start", INK, "font-weight=\"600\"", name);
        text(x + 18, y + 14, "start", GREY, "font-size=\"11\"", remark);
    }

    /** A filled rectangle. */
    void rectangle(final double x, final double y, final double width, final double height, final int radius,
        final String colour) {
        svg.append("<rect x=\"").append(round(x)).append("\" y=\"").append(round(y)).append("\" width=\"")
            .append(round(width)).append("\" height=\"").append(round(height)).append("\" rx=\"").append(radius)
            .append("\" fill=\"").append(colour).append("\"/>\n");
    }

    /** A small disc. */
    void dot(final double x, final double y, final String colour) {
        svg.append("<circle cx=\"").append(round(x)).append("\" cy=\"").append(round(y)).append("\" r=\"3\" fill=\"")
            .append(colour).append("\"/>\n");
    }

    /** A line through points that {@link #point} wrote. */
    void path(final CharSequence points, final String colour) {
        svg.append("<polyline fill=\"none\" stroke=\"").append(colour)
            .append("\" stroke-width=\"2\" stroke-linejoin=\"round\" points=\"").append(points).append("\"/>\n");
    }

    /** Adds a point of a {@link #path}. */
    static void point(final StringBuilder points, final double x, final double y) {
        points.append(round(x)).append(',').append(round(y)).append(' ');
    }

    /** The picture. */
    @Override
    public String toString() {
        return svg + "</svg>\n";
    }

    private static String round(final double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
