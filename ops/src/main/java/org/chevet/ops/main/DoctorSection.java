package org.chevet.ops.main;

import java.io.PrintWriter;

/** One subject of {@code chevet doctor}: what of this machine the server can use. Prints, changes nothing. */
interface DoctorSection {
    /** Two or three words, printed above. */
    String title();

    /**
     * Prints its lines, each made by {@link #line}.
     *
     * @return false when it found what stops a server from starting
     */
    boolean print(PrintWriter out);

    /** A name and what is to be said of it. */
    static String line(final String name, final String text) {
        return String.format("  %-10s %s", name, text);
    }
}
