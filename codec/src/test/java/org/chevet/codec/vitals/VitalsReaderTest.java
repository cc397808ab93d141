package org.chevet.codec.vitals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.vitals.sbe.*;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Nothing that passes the reader makes a generated decoder throw, and what is wrong gets its own reason. */
class VitalsReaderTest {
    private static final int MUTATIONS = 300_000;

    private static byte[] open(final Consumer<OpenStreamEncoder> change, final int channels, final String name) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[16 * 1024]);
        final OpenStreamEncoder out = new OpenStreamEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        out.rateNumerator(24_989).rateDenominator(100).oldestSequence(3).nextSequence(9).scale(0.005).zeroOffset(-1)
            .missingValue(-32768).handle(7).mdcCode(131330).bodySite(0).keyId(0).staleAfterMs(2_000)
            .kind(Kind.WAVEFORM).clinicalClass(ClinicalClass.LIVE_WAVEFORM).sampleFormat(SampleFormat.I16LE)
            .hasMissingValue(YesNo.YES).ackMode(AckMode.HELD);
        change.accept(out);
        final OpenStreamEncoder.ChannelsEncoder group = out.channelsCount(channels);
        for (int i = 0; i < channels; i++) {
            group.next().mdc(131330).label("II").unit("mV");
        }
        out.name(name).label("ÉCG 2 dérivations").device("Maker Model");
        return bytes(buffer, out.encodedLength());
    }

    private static byte[] block(final Consumer<BlockEncoder> change, final int payload) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[4_096]);
        final BlockEncoder out = new BlockEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        out.sequence(5).firstSample(500).deviceTimeNs(1).streamId(1).sampleCount(10).flags().clear().leadOff(true);
        change.accept(out);
        out.putPayload(new byte[payload], 0, payload);
        return bytes(buffer, out.encodedLength());
    }

    private static byte[] error() {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[4_096]);
        final ErrorEncoder out = new ErrorEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        out.expected(-1).reference(1).refusedMessage(8).code(ErrorCode.CONFLICT).fatal(YesNo.YES).text("why");
        return bytes(buffer, out.encodedLength());
    }

    private static byte[] subscribe() {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[4_096]);
        final SubscribeEncoder out = new SubscribeEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        out.value(1).streamId(1).credit(1).start(StartFrom.TIME).required(YesNo.NO);
        return bytes(buffer, out.encodedLength());
    }

    private static byte[] gap() {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[4_096]);
        final GapEncoder out = new GapEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        out.fromSequence(1).toSequence(2).fromSample(-1).toSample(9).streamId(1).reason(GapReason.RING_OVERRUN);
        return bytes(buffer, out.encodedLength());
    }

    private static byte[] alert(final int ttlMs) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[4_096]);
        final AlertEncoder out = new AlertEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        out.sequence(5).firstSample(5).deviceTimeNs(1).streamId(1).sampleCount(1).alertId(3).ttlMs(ttlMs)
            .escalateAfterMs(10_000).ageMs(0).priority(AlertPriority.HIGH).phase(AlertPhase.START).flags().clear();
        out.putPayload(new byte[9], 0, 9);
        return bytes(buffer, out.encodedLength());
    }

    private static byte[] alertAck() {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[4_096]);
        final AlertAckEncoder out = new AlertAckEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        out.alertId(3).sequence(5).streamId(1).state(AlertAckState.SEEN).participant("doctor");
        return bytes(buffer, out.encodedLength());
    }

    private static byte[] bytes(final UnsafeBuffer buffer, final int body) {
        final byte[] bytes = new byte[VitalsReader.HEADER_LENGTH + body];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    private static int check(final byte[] bytes) {
        return VitalsReader.check(new UnsafeBuffer(bytes), 0, bytes.length);
    }

    private static byte[] with(final byte[] bytes, final int at, final int value) {
        final byte[] changed = bytes.clone();
        changed[at] = (byte) value;
        return changed;
    }

    @Test
    void goodMessagesGiveTheirTemplate() {
        assertEquals(OpenStreamDecoder.TEMPLATE_ID, check(open(out -> { }, 12, "ecg")));
        assertEquals(OpenStreamDecoder.TEMPLATE_ID, check(open(out -> { }, 64, "x".repeat(64))));
        assertEquals(BlockDecoder.TEMPLATE_ID, check(block(out -> { }, 20)));
        assertEquals(BlockDecoder.TEMPLATE_ID, check(block(out -> { }, 0)));
        assertEquals(ErrorDecoder.TEMPLATE_ID, check(error()));
        assertEquals(SubscribeDecoder.TEMPLATE_ID, check(subscribe()));
        assertEquals(GapDecoder.TEMPLATE_ID, check(gap()));
    }

    @TestFactory
    List<DynamicTest> malformedMessagesGetTheirReason() {
        final byte[] good = block(out -> { }, 20);
        final byte[] opened = open(out -> { }, 1, "ecg");
        final int kindAt = VitalsReader.HEADER_LENGTH + OpenStreamDecoder.kindEncodingOffset();
        final List<DynamicTest> tests = new ArrayList<>();
        row(tests, "empty", new byte[0], VitalsReader.TOO_SHORT);
        row(tests, "header cut", Arrays.copyOf(good, 7), VitalsReader.TOO_SHORT);
        row(tests, "fixed block cut", Arrays.copyOf(good, 20), VitalsReader.TOO_SHORT);
        row(tests, "payload cut", Arrays.copyOf(good, good.length - 1), VitalsReader.TOO_SHORT);
        row(tests, "payload length cut", Arrays.copyOf(good, VitalsReader.BLOCK_OVERHEAD - 1), VitalsReader.TOO_SHORT);
        row(tests, "bytes behind", Arrays.copyOf(good, good.length + 1), VitalsReader.TRAILING_BYTES);
        row(tests, "payload length negative", with(good, VitalsReader.BLOCK_OVERHEAD - 1, 0x80),
            VitalsReader.TOO_SHORT);
        row(tests, "other schema", with(good, 4, 2), VitalsReader.WRONG_SCHEMA);
        row(tests, "template 0", with(good, 2, 0), VitalsReader.UNKNOWN_TEMPLATE);
        row(tests, "template 25", with(good, 2, 25), VitalsReader.UNKNOWN_TEMPLATE);
        row(tests, "template 65288", with(good, 3, 0xFF), VitalsReader.UNKNOWN_TEMPLATE);
        row(tests, "block length too small", with(good, 0, 35), VitalsReader.WRONG_BLOCK_LENGTH);
        row(tests, "no samples", block(out -> out.sampleCount(0), 0), VitalsReader.BAD_VALUE);
        row(tests, "too many samples", block(out -> out.sampleCount((1 << 20) + 1), 0), VitalsReader.BAD_VALUE);
        row(tests, "sequence 2^53", block(out -> out.sequence(1L << 53), 0), VitalsReader.INDEX_OUT_OF_RANGE);
        row(tests, "sequence unknown", block(out -> out.sequence(-1), 0), VitalsReader.INDEX_OUT_OF_RANGE);
        row(tests, "samples beyond 2^53", block(out -> out.firstSample((1L << 53) - 5), 0), VitalsReader.BAD_VALUE);
        row(tests, "kind 0", with(opened, kindAt, 0), VitalsReader.UNKNOWN_ENUM_VALUE);
        row(tests, "kind 7", with(opened, kindAt, 7), VitalsReader.UNKNOWN_ENUM_VALUE);
        row(tests, "kind null", with(opened, kindAt, 0xFF), VitalsReader.UNKNOWN_ENUM_VALUE);
        row(tests, "rate over 0", open(out -> out.rateDenominator(0), 1, "e"), VitalsReader.BAD_VALUE);
        row(tests, "rate 2 MHz", open(out -> out.rateNumerator(2_000_000_000L), 1, "e"), VitalsReader.BAD_VALUE);
        row(tests, "rate negative", open(out -> out.rateNumerator(-5), 1, "e"), VitalsReader.BAD_VALUE);
        row(tests, "scale 0", open(out -> out.scale(0), 1, "e"), VitalsReader.BAD_VALUE);
        row(tests, "scale NaN", open(out -> out.scale(Double.NaN), 1, "e"), VitalsReader.BAD_VALUE);
        row(tests, "offset infinite", open(out -> out.zeroOffset(Double.POSITIVE_INFINITY), 1, "e"),
            VitalsReader.BAD_VALUE);
        row(tests, "alert without time to live", alert(0), VitalsReader.BAD_VALUE);
        row(tests, "alert that lives longer than a day", alert(VitalsReader.MAX_ALERT_TTL_MS + 1),
            VitalsReader.BAD_VALUE);
        row(tests, "alert of priority 4", with(alert(1), VitalsReader.HEADER_LENGTH
            + AlertDecoder.priorityEncodingOffset(), 4), VitalsReader.UNKNOWN_ENUM_VALUE);
        row(tests, "no channel", open(out -> { }, 0, "e"), VitalsReader.BAD_GROUP_COUNT);
        row(tests, "65 channels", open(out -> { }, 65, "e"), VitalsReader.BAD_GROUP_COUNT);
        row(tests, "no name", open(out -> { }, 1, ""), VitalsReader.BAD_TEXT);
        row(tests, "name of 65 bytes", open(out -> { }, 1, "x".repeat(65)), VitalsReader.BAD_TEXT);
        row(tests, "new line in a name", open(out -> { }, 1, "a\nb"), VitalsReader.BAD_TEXT);
        row(tests, "C1 control in a name", open(out -> { }, 1, "a\u0085b"), VitalsReader.BAD_TEXT);
        return tests;
    }

    private static void row(final List<DynamicTest> tests, final String name, final byte[] bytes, final int fault) {
        tests.add(DynamicTest.dynamicTest(name, () -> {
            assertEquals(fault, check(bytes), VitalsReader.describe(fault));
            assertFalse(VitalsReader.describe(fault).isEmpty());
        }));
    }

    @Test
    void utf8IsCheckedLikeTheJdkDoes() {
        final Random random = new Random(7);
        final byte[] bytes = new byte[4];
        for (int i = 0; i < 400_000; i++) {
            random.nextBytes(bytes);
            if (i % 2 == 0) {
                bytes[0] |= (byte) 0xC0;
                bytes[1] = (byte) ((bytes[1] & 0x3F) | 0x80);
            }
            final String text = new String(bytes, StandardCharsets.UTF_8);
            final boolean wellFormed = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes);
            final boolean plain = wellFormed && text.codePoints().noneMatch(Character::isISOControl);
            assertEquals(plain, Utf8.isPlainText(new UnsafeBuffer(bytes), 0, bytes.length),
                "bytes " + Arrays.toString(bytes));
        }
    }

    @Test
    void whatPassesDecodesWithoutAnException() {
        final long seed = 20_261_122L;
        final Random random = new Random(seed);
        final List<byte[]> corpus = List.of(open(out -> { }, 3, "ecg"), block(out -> { }, 20), error(), subscribe(),
            gap(), alert(60_000), alertAck());
        int passed = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = corpus.get(random.nextInt(corpus.size())).clone();
            for (int change = 0; change <= random.nextInt(4); change++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(3) == 0) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 20));
            }
            try {
                final int template = check(bytes);
                if (template > 0) {
                    decode(template, new UnsafeBuffer(bytes));
                    passed++;
                }
            } catch (final RuntimeException failure) {
                throw new AssertionError("seed " + seed + " mutation " + i + ": " + Arrays.toString(bytes), failure);
            }
        }
        assertTrue(passed > MUTATIONS / 50, "only " + passed + " mutants passed: the decoders were hardly reached");
    }

    /** Touches every field: toString of a generated decoder reads all of them. */
    private static void decode(final int template, final UnsafeBuffer buffer) {
        final MessageHeaderDecoder header = new MessageHeaderDecoder();
        final String text = switch (template) {
            case HelloDecoder.TEMPLATE_ID -> new HelloDecoder().wrapAndApplyHeader(buffer, 0, header).toString();
            case OpenStreamDecoder.TEMPLATE_ID ->
                new OpenStreamDecoder().wrapAndApplyHeader(buffer, 0, header).toString();
            case BlockDecoder.TEMPLATE_ID -> new BlockDecoder().wrapAndApplyHeader(buffer, 0, header).toString();
            case SubscribeDecoder.TEMPLATE_ID ->
                new SubscribeDecoder().wrapAndApplyHeader(buffer, 0, header).toString();
            case GapDecoder.TEMPLATE_ID -> new GapDecoder().wrapAndApplyHeader(buffer, 0, header).toString();
            case AlertDecoder.TEMPLATE_ID -> new AlertDecoder().wrapAndApplyHeader(buffer, 0, header).toString();
            case AlertAckDecoder.TEMPLATE_ID ->
                new AlertAckDecoder().wrapAndApplyHeader(buffer, 0, header).toString();
            case ErrorDecoder.TEMPLATE_ID -> new ErrorDecoder().wrapAndApplyHeader(buffer, 0, header).toString();
            default -> "other";
        };
        assertFalse(text.isEmpty());
    }

    @Test
    void layoutsHaveNoBlindSpot() {
        for (int template = 1; template <= 24; template++) {
            final MessageLayout layout = MessageLayout.of(template);
            assertTrue(layout != null && layout.blockLength() > 0, "template " + template);
        }
        assertEquals(BlockDecoder.streamIdEncodingOffset(), AlertDecoder.streamIdEncodingOffset());
        assertEquals(BlockDecoder.flagsEncodingOffset(), AlertDecoder.flagsEncodingOffset());
        assertEquals(BlockDecoder.BLOCK_LENGTH, AlertDecoder.alertIdEncodingOffset(), "an Alert begins like a Block");
        assertEquals(48, VitalsReader.BLOCK_OVERHEAD, "what a vendor's document says");
        final byte[] good = block(out -> { }, 2);
        assertEquals(36, new UnsafeBuffer(good).getShort(0, ByteOrder.LITTLE_ENDIAN));
    }
}
