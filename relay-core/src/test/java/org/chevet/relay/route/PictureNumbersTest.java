package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Worked examples: PictureID/TL0PICIDX in, and out; a bar is a switch to another source. */
class PictureNumbersTest {
    private final PictureNumbers numbers = new PictureNumbers();

    @ParameterizedTest
    @CsvSource({
        // One source keeps its numbers, whatever they are.
        "7/1 8/2 9/2 9/2 12/3, 7/1 8/2 9/2 9/2 12/3",
        // Wraps, loss (8, 9) and a late frame (9).
        "32766/255 32767/0 0/1 1/2, 32766/255 32767/0 0/1 1/2",
        "7/1 10/1 9/1 11/2, 7/1 10/1 9/1 11/2",
        // Another source goes on with the next numbers, also where it loses or reorders.
        "7/1 8/2 | 500/90 501/90 502/91, 7/1 8/2 9/3 10/3 11/4",
        "7/1 8/2 | 500/90 503/91 502/91 504/92, 7/1 8/2 9/3 12/4 11/4 13/5",
        "7/1 | 500/90 | 3/0 | 32767/7 0/8, 7/1 8/2 9/3 10/4 11/5",
        "32767/255 | 9/9 10/10, 32767/255 0/0 1/1",
        // Several packets of a frame have its number.
        "7/1 7/1 | 500/90 500/90 501/91, 7/1 7/1 8/2 8/2 9/3",
        // Without picture ids, or without TL0PICIDX.
        "-/1 -/2 | -/90 -/91, -/1 -/2 -/3 -/4",
        "7/- 8/- | 500/- 501/-, 7/- 8/- 9/- 10/-"})
    void goOn(final String in, final String expected) {
        assertEquals(expected, run(in, true));
    }

    @Test
    void shortIdsWrapAfterSevenBits() {
        assertEquals("126/1 127/2 0/3 1/4 2/5", run("126/1 127/2 0/3 | 55/9 56/10", false));
    }

    @Test
    void aPayloadWithoutNumbersStaysSo() {
        assertEquals(PictureNumbers.NONE, PictureNumbers.pack(-1, false, -1));
        assertEquals(PictureNumbers.NONE, numbers.place(PictureNumbers.NONE));
    }

    private String run(final String in, final boolean longIds) {
        final StringBuilder out = new StringBuilder();
        for (final String word : in.split(" ", -1)) {
            if (word.equals("|")) {
                numbers.begin();
                continue;
            }
            final int[] pair = Stream.of(word.split("/", -1))
                .mapToInt(number -> number.equals("-") ? -1 : Integer.parseInt(number)).toArray();
            final int placed = numbers.place(PictureNumbers.pack(pair[0], longIds, pair[1]));
            out.append(out.isEmpty() ? "" : " ").append(pair[0] < 0 ? "-" : PictureNumbers.pictureId(placed))
                .append('/').append(pair[1] < 0 ? "-" : PictureNumbers.tl0(placed));
        }
        return out.toString();
    }
}
