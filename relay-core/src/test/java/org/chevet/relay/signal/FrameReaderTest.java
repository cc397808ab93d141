package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The frames of RFC 6455 as another implementation writes them, cut anywhere, and all that must be refused. */
class FrameReaderTest {
    private static final int MAX = 70_000;

    /** Writes down what it hears. */
    private static final class Notes implements FrameReader.Sink {
        final List<String> lines = new ArrayList<>();
        int tokens = Integer.MAX_VALUE;

        @Override
        public boolean takesMessages() {
            return tokens-- > 0;
        }

        @Override
        public void onMessage(final DirectBuffer in, final int offset, final int length) {
            lines.add("message " + hash(in, offset, length));
        }

        @Override
        public void onText() {
            lines.add("text");
        }

        @Override
        public void onPing(final DirectBuffer in, final int offset, final int length) {
            lines.add("ping " + hash(in, offset, length));
        }

        @Override
        public void onClose(final int code) {
            lines.add("close " + code);
        }

        @Override
        public void onTooLarge() {
            lines.add("too large");
        }

        @Override
        public void onBroken() {
            lines.add("broken");
        }

        static String hash(final DirectBuffer in, final int offset, final int length) {
            final byte[] bytes = new byte[length];
            in.getBytes(offset, bytes);
            return length + " " + java.util.Arrays.hashCode(bytes);
        }
    }

    private static byte[] encoded(final WebSocketFrame frame) {
        final EmbeddedChannel channel = new EmbeddedChannel(new WebSocket13FrameEncoder(true));
        channel.writeOutbound(frame);
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (ByteBuf part; (part = channel.readOutbound()) != null;) {
            final byte[] bytes = new byte[part.readableBytes()];
            part.readBytes(bytes);
            part.release();
            out.writeBytes(bytes);
        }
        channel.finishAndReleaseAll();
        return out.toByteArray();
    }

    private static List<String> read(final byte[] bytes) {
        final Notes notes = new Notes();
        new FrameReader(MAX, notes).read(new UnsafeBuffer(bytes.clone()), 0, bytes.length);
        return notes.lines;
    }

    private static List<String> read(final String hex) {
        return read(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    @Test
    void whatAnotherImplementationWritesIsReadHoweverItIsCut() {
        final Random random = new Random(42);
        for (int round = 0; round < 50; round++) {
            final ByteArrayOutputStream wire = new ByteArrayOutputStream();
            final List<String> expected = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                final int[] lengths = {0, 1, 7, 8, 125, 126, 200, 65_535, 65_536, random.nextInt(300)};
                final byte[] payload = new byte[lengths[random.nextInt(lengths.length)]];
                random.nextBytes(payload);
                final String hash = Notes.hash(new UnsafeBuffer(payload), 0, payload.length);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        final int cut = random.nextInt(payload.length + 1);
                        wire.writeBytes(encoded(new BinaryWebSocketFrame(false, 0,
                            Unpooled.copiedBuffer(payload, 0, cut))));
                        wire.writeBytes(encoded(new PingWebSocketFrame(Unpooled.copiedBuffer(new byte[] {1, 2}))));
                        wire.writeBytes(encoded(new ContinuationWebSocketFrame(true, 0,
                            Unpooled.copiedBuffer(payload, cut, payload.length - cut))));
                        expected.add("ping " + Notes.hash(new UnsafeBuffer(new byte[] {1, 2}), 0, 2));
                        expected.add("message " + hash);
                    }
                    case 1 -> wire.writeBytes(encoded(new PongWebSocketFrame(Unpooled.copiedBuffer(new byte[9]))));
                    default -> {
                        wire.writeBytes(encoded(new BinaryWebSocketFrame(Unpooled.copiedBuffer(payload))));
                        expected.add("message " + hash);
                    }
                }
            }
            wire.writeBytes(encoded(new CloseWebSocketFrame(1000, "bye")));
            expected.add("close 1000");
            assertEquals(expected, readCut(wire.toByteArray(), random));
        }
    }

    /** Gives the bytes in random pieces, some messages at a time. */
    private static List<String> readCut(final byte[] wire, final Random random) {
        final Notes notes = new Notes();
        final FrameReader reader = new FrameReader(MAX, notes);
        final UnsafeBuffer buffer = new UnsafeBuffer(wire);
        int from = 0;
        int to = 0;
        while (from < wire.length) {
            to = Math.min(wire.length, to + (random.nextBoolean() ? random.nextInt(12) : random.nextInt(100_000)));
            notes.tokens = random.nextInt(4);
            final int taken = reader.read(buffer, from, to - from);
            from += taken;
            if (taken == 0 && to - from >= 2 && notes.tokens > 0) {
                assertTrue(reader.needed() > to - from, "needs more than there is");
            }
        }
        return notes.lines;
    }

    @Test
    void theExampleOfTheRfcIsUnmasked() {
        // Section 5.7: "Hello" masked with 37fa213d, here as a binary message.
        assertEquals(List.of("message " + Notes.hash(new UnsafeBuffer("Hello".getBytes(
            java.nio.charset.StandardCharsets.US_ASCII)), 0, 5)), read("82 85 37fa213d 7f9f4d5158"));
    }

    @Test
    void whatBreaksTheProtocolIsRefusedOnceAndNothingAfterIsRead() {
        final String good = "82 81 00000000 07";
        for (final String bad : List.of("82 01 07", "c2 81 00000000 07", "a2 81 00000000 07", "92 81 00000000 07",
            "83 80 00000000", "87 80 00000000", "8b 80 00000000", "8f 80 00000000", "80 80 00000000",
            "09 80 00000000", "89 fe 007e 00000000", "82 fe 0001 00000000", "82 ff 0000000000000001 00000000",
            "82 ff 000000000000ffff 00000000", "82 ff 8000000000000000 00000000", "02 80 00000000 82 80 00000000",
            "02 80 00000000 81 80 00000000", "88 81 00000000 03", "88 82 00000000 03ed", "88 82 00000000 03ee",
            "88 82 00000000 03f7", "88 82 00000000 0000", "88 82 00000000 03ec", "88 82 00000000 1388",
            "88 83 00000000 03e8ff")) {
            assertEquals(List.of("broken"), read(bad + good + good), bad);
        }
    }

    @Test
    void closesAreReadAndEndTheReading() {
        assertEquals(List.of("close -1"), read("88 80 00000000 82 81 00000000 07"));
        assertEquals(List.of("close 1000"), read("88 82 00000000 03e8"));
        assertEquals(List.of("close 1011"), read("88 82 00000000 03f3"));
        assertEquals(List.of("close 4999"), read("88 82 00000000 1387"));
    }

    @Test
    void textAndWhatIsTooLargeEndTheReading() {
        assertEquals(List.of("text"), read("81 81 00000000 41 82 81 00000000 07"));
        assertEquals(List.of("too large"), read("82 ff 0000000000011171 00000000"));
        assertEquals(List.of("too large"), read("82 ff 7fffffffffffffff 00000000"));
        final ByteArrayOutputStream parts = new ByteArrayOutputStream();
        parts.writeBytes(encoded(new BinaryWebSocketFrame(false, 0, Unpooled.copiedBuffer(new byte[40_000]))));
        parts.writeBytes(encoded(new ContinuationWebSocketFrame(false, 0, Unpooled.copiedBuffer(new byte[30_001]))));
        assertEquals(List.of("too large"), read(parts.toByteArray()));
    }
}
