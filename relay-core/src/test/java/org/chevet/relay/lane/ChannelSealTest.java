package org.chevet.relay.lane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.chevet.relay.client.e2ee.EpochKeys;
import org.chevet.relay.client.e2ee.KeySchedule;
import org.chevet.relay.client.e2ee.MessageSeal;
import org.chevet.relay.client.e2ee.SealTable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every data channel that is relayed has a row in the table of docs/e2ee.md; its messages are sealed as it says. */
@Tag("REQ-O8")
class ChannelSealTest {
    private static final String WORDS = "nobody between us reads this";

    @Test
    void everyLabelIsSealed() throws IOException {
        final List<SealTable.Row> rows =
            SealTable.rows().stream().filter(row -> row.carried().equals(SealTable.CHANNEL)).toList();
        final Set<ChannelRelay.Label> told = EnumSet.noneOf(ChannelRelay.Label.class);
        final EpochKeys keys = new EpochKeys();
        keys.hold(0, KeySchedule.epochZero(new byte[KeySchedule.LINK_BYTES], ""), 0);
        for (final SealTable.Row row : rows) {
            final ChannelRelay.Label label = ChannelRelay.Label.of(row.name());
            assertNotNull(label, row.name() + " is not relayed");
            told.add(label);
            final byte[] plain = WORDS.getBytes(StandardCharsets.UTF_8);
            final byte[] sealed = new MessageSeal(keys, row.kind(), "site", () -> 5).seal(plain);
            assertNotNull(sealed);
            assertFalse(new String(sealed, StandardCharsets.ISO_8859_1).contains("nobody"), row.name());
            final MessageSeal.Opened opened = new MessageSeal(keys, row.kind(), "doctor", () -> 6).open(sealed, 0);
            assertNotNull(opened, row.name());
            assertArrayEquals(plain, opened.bytes());
            assertEquals("site", opened.participant());
        }
        assertEquals(EnumSet.allOf(ChannelRelay.Label.class), told, "labels without a row");
        assertEquals(rows.size(), Arrays.stream(ChannelRelay.Label.values()).count(), "a label has one row");
    }
}
