package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.client.e2ee.EpochKeys;
import org.chevet.relay.client.e2ee.FrameSeal;
import org.chevet.relay.client.e2ee.KeySchedule;
import org.chevet.relay.client.e2ee.Opener;
import org.chevet.relay.client.e2ee.SealKind;
import org.chevet.relay.client.e2ee.SealTable;
import org.chevet.relay.client.e2ee.Sealer;
import org.chevet.relay.route.Codec;
import org.chevet.relay.route.MediaKind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every kind of track and device stream there is has a row in the table of docs/e2ee.md, is sealed as it says, and
 * nothing else is in it. A new kind fails here until it has a way to be sealed. Data channels: ChannelSealTest.
 */
@Tag("REQ-O8")
class SealTableTest {
    private static final byte[] WORDS = "nobody between us reads this".getBytes(StandardCharsets.UTF_8);
    private final EpochKeys keys = new EpochKeys();

    SealTableTest() {
        keys.hold(0, KeySchedule.epochZero(new byte[KeySchedule.LINK_BYTES], ""), 0);
    }

    @Test
    void everyKindOfDeviceStreamIsSealed() throws IOException {
        final List<Kind> kinds = Arrays.stream(Kind.values()).filter(kind -> kind != Kind.NULL_VAL).toList();
        for (final Kind kind : kinds) {
            final SealKind told = SealTable.kind(SealTable.STREAM, nameOf(kind));
            assertEquals(told, SealedBlocks.kindOf(kind), kind.name());
            final byte[] sealed = new byte[WORDS.length + Sealer.MAX_OVERHEAD];
            final int length = new Sealer(keys, told, "site", () -> 5).seal(new byte[0], 0, WORDS, 0, WORDS.length,
                sealed, 0);
            assertOpens(told, sealed, length, 0);
        }
        assertEquals(kinds.size(), rowsOf(SealTable.STREAM));
    }

    @Test
    void everyKindOfTrackIsSealed() throws IOException {
        for (final TrackKind kind : TrackKind.values()) {
            final FrameSealer sealer = new FrameSealer(EndToEnd.required(keys, "site"), kind);
            final int length = sealer.seal(WORDS, 0, WORDS.length);
            final DirectBuffer buffer = sealer.buffer();
            final byte[] sealed = new byte[length];
            buffer.getBytes(0, sealed);
            final int clear = kind == TrackKind.VIDEO ? FrameSeal.vp8Clear(WORDS, 0, WORDS.length) : 0;
            assertOpens(SealTable.kind(SealTable.MEDIA, nameOf(kind)), sealed, length, clear);
        }
        assertEquals(Set.of(names(TrackKind.values())), Set.of(names(MediaKind.values())));
        assertEquals(MediaKind.values().length, rowsOf(SealTable.MEDIA));
    }

    @Test
    void everyKindOfKeysIsUsed() throws IOException {
        final Set<SealKind> used = EnumSet.noneOf(SealKind.class);
        SealTable.rows().forEach(row -> used.add(row.kind()));
        assertEquals(EnumSet.allOf(SealKind.class), used);
    }

    /** Which ones are sealable is asked of answers in RedAnswerTest and SdpAnswererTest: a new codec is decided on. */
    @Test
    void everyCodecIsNamedByThePage() throws IOException {
        final String page = java.nio.file.Files.readString(java.nio.file.Path.of("docs/e2ee.md"));
        for (final Codec codec : Codec.values()) {
            final String name = codec == Codec.H264 ? "H.264" : codec == Codec.OPUS ? "Opus" : codec.name();
            assertTrue(page.contains(name), name);
        }
    }

    private void assertOpens(final SealKind kind, final byte[] sealed, final int length, final int clear) {
        final String hex = HexFormat.of().formatHex(sealed, clear, length);
        assertTrue(!hex.contains(HexFormat.of().formatHex(WORDS, clear, clear + 8)), "it is sealed");
        final byte[] out = new byte[length];
        for (final SealKind other : SealKind.values()) {
            final int opened = FrameSeal.open(new Opener(keys), other, "site", sealed, length, clear, out, 0);
            assertEquals(other == kind ? WORDS.length : -1, Math.max(-1, opened), kind + " opened as " + other);
        }
    }

    private static long rowsOf(final String carried) throws IOException {
        return SealTable.rows().stream().filter(row -> row.carried().equals(carried)).count();
    }

    private static String[] names(final Enum<?>[] kinds) {
        return Arrays.stream(kinds).map(SealTableTest::nameOf).toArray(String[]::new);
    }

    private static String nameOf(final Enum<?> kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
