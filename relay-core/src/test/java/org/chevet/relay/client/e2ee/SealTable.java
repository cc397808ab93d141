package org.chevet.relay.client.e2ee;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The table of docs/e2ee.md: what is sealed as what. */
public final class SealTable {
    /** First column of tracks. */
    public static final String MEDIA = "media";
    /** First column of device streams. */
    public static final String STREAM = "device stream";
    /** First column of data channels. */
    public static final String CHANNEL = "data channel";
    private static final Pattern ROW =
        Pattern.compile("^\\| (" + MEDIA + "|" + STREAM + "|" + CHANNEL + ") \\| `([^`]+)` \\| `([^`]+)` \\|$");

    private SealTable() {
    }

    /**
     * A row.
     *
     * @param carried as what it is carried
     * @param name of the kind or the channel
     * @param kind of its keys
     */
    public record Row(String carried, String name, SealKind kind) {
    }

    /** All rows, in their order. */
    public static List<Row> rows() throws IOException {
        return Files.readAllLines(Path.of("docs/e2ee.md")).stream().map(ROW::matcher).filter(Matcher::matches)
            .map(row -> new Row(row.group(1), row.group(2), kindOf(row.group(3)))).toList();
    }

    /** Kinds of keys by name of what is carried so; a name comes once. */
    public static SealKind kind(final String carried, final String name) throws IOException {
        final List<Row> found = rows().stream()
            .filter(row -> row.carried().equals(carried) && row.name().equals(name)).toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " rows of docs/e2ee.md say how " + carried + " " + name
                + " is sealed");
        }
        return found.getFirst().kind();
    }

    private static SealKind kindOf(final String label) {
        return Arrays.stream(SealKind.values()).filter(kind -> kind.label().equals(label)).findFirst()
            .orElseThrow(() -> new AssertionError("no kind of keys is called " + label));
    }
}
