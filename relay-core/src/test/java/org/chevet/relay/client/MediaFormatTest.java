package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.payload.Vp8Descriptor;
import org.junit.jupiter.api.Test;

class MediaFormatTest {
    @Test
    void vp8FrameIsCutIntoPayloadsThatGiveItBack() {
        final Random random = new Random(7);
        final Vp8Packetizer packetizer = new Vp8Packetizer(0x7FFF);
        final UnsafeBuffer out = new UnsafeBuffer(new byte[Vp8Packetizer.MAX_PAYLOAD + 8]);
        final Vp8Descriptor descriptor = new Vp8Descriptor();
        for (final int length : new int[] {1, 1095, 1096, 1097, 2192, 2193, 20_000}) {
            final byte[] frame = new byte[length];
            random.nextBytes(frame);
            frame[0] &= (byte) 0xFE;
            final ByteArrayOutputStream whole = new ByteArrayOutputStream();
            packetizer.begin(new UnsafeBuffer(frame), 0, length);
            int count = 0;
            while (packetizer.hasNext()) {
                final int size = packetizer.next(out, 8);
                assertTrue(size <= Vp8Packetizer.MAX_PAYLOAD);
                assertTrue(descriptor.wrap(out, 8, size));
                assertEquals(count == 0, descriptor.isStartOfFrame());
                assertEquals(count == 0, descriptor.isKeyFrameStart());
                assertTrue(descriptor.isLongPictureId());
                assertEquals(length == 1 ? 0x7FFF : descriptor.pictureId(), descriptor.pictureId());
                final byte[] part = new byte[size - descriptor.length()];
                out.getBytes(8 + descriptor.length(), part);
                whole.writeBytes(part);
                count++;
            }
            assertEquals((length + 1095) / 1096, count);
            assertTrue(Arrays.equals(frame, whole.toByteArray()), "length " + length);
        }
    }

    @Test
    void keyFrameIsTheClearFirstBit() {
        assertTrue(Vp8Packetizer.isKeyFrame(new UnsafeBuffer(new byte[] {0x10}), 0, 1));
        assertFalse(Vp8Packetizer.isKeyFrame(new UnsafeBuffer(new byte[] {0x11}), 0, 1));
        assertFalse(Vp8Packetizer.isKeyFrame(new UnsafeBuffer(new byte[] {0x10}), 0, 0));
    }

    @Test
    void ivfGivesFramesWithTheirTimes() throws IOException {
        final IvfReader reader = new IvfReader(new ByteArrayInputStream(ivf(25, 1, new int[] {10, 0, 300})));
        assertEquals("VP80", reader.codec());
        assertEquals(320, reader.width());
        assertEquals(240, reader.height());
        for (int i = 0; i < 3; i++) {
            final IvfReader.Frame frame = reader.next();
            assertNotNull(frame);
            assertEquals(i * 40_000_000L, frame.timeNs());
            assertEquals(new int[] {10, 0, 300}[i], frame.data().length);
        }
        assertNull(reader.next());
    }

    @Test
    void brokenIvfIsRefusedWithASentence() {
        refused("not an IVF file: it does not start with DKIF", "RIFF".repeat(8).getBytes(StandardCharsets.US_ASCII));
        refused("the IVF file ends early", new byte[31]);
        refused("IVF header without a time base", ivf(0, 1, new int[0]));
        final byte[] file = ivf(25, 1, new int[] {10});
        refused("the IVF file ends early", Arrays.copyOf(file, file.length - 1));
        refused("the IVF file ends inside a frame header", Arrays.copyOf(file, 40));
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(32, IvfReader.MAX_FRAME + 1);
        refused("IVF frame of 4194305 bytes", file);
    }

    private static void refused(final String reason, final byte[] file) {
        final IOException fault = assertThrows(IOException.class,
            () -> new IvfReader(new ByteArrayInputStream(file)).next());
        assertEquals(reason, fault.getMessage());
    }

    private static byte[] ivf(final int rate, final int scale, final int[] sizes) {
        final ByteBuffer file = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        file.put("DKIF".getBytes(StandardCharsets.US_ASCII)).putShort((short) 0).putShort((short) 32);
        file.put("VP80".getBytes(StandardCharsets.US_ASCII)).putShort((short) 320).putShort((short) 240);
        file.putInt(rate).putInt(scale).putInt(sizes.length).putInt(0);
        for (int i = 0; i < sizes.length; i++) {
            file.putInt(sizes[i]).putLong(i).put(new byte[sizes[i]]);
        }
        return Arrays.copyOf(file.array(), file.position());
    }
}
