package org.chevet.relay.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads an IVF file: a header of 32 bytes, then frames of 12 bytes of header (size, presentation time) and data, all
 * little-endian. Not thread-safe; the stream is the caller's to close.
 */
public final class IvfReader {
    /** Bound on the bytes of one frame. */
    public static final int MAX_FRAME = 4 * 1024 * 1024;

    private static final int HEADER = 32;
    private static final int FRAME_HEADER = 12;
    private static final int MAX_HEADER = 1024;
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final InputStream in;
    private final String codec;
    private final int width;
    private final int height;
    private final long rate;
    private final long scale;

    /** One frame. The array is the caller's. */
    public static final class Frame {
        private final byte[] data;
        private final long timeNs;

        private Frame(final byte[] data, final long timeNs) {
            this.data = data;
            this.timeNs = timeNs;
        }

        /** The encoded picture; not copied. */
        public byte[] data() {
            return data;
        }

        /** Presentation time in nanoseconds from the start. */
        public long timeNs() {
            return timeNs;
        }
    }

    /**
     * Reads the header.
     *
     * @throws IOException when it is not IVF
     */
    public IvfReader(final InputStream in) throws IOException {
        this.in = in;
        final ByteBuffer header = read(HEADER);
        final byte[] name = new byte[Integer.BYTES];
        header.get(name);
        if (!"DKIF".equals(new String(name, StandardCharsets.US_ASCII))) {
            throw new IOException("not an IVF file: it does not start with DKIF");
        }
        final int headerLength = Short.toUnsignedInt(header.getShort(6));
        if (headerLength < HEADER || headerLength > MAX_HEADER) {
            throw new IOException("IVF header of " + headerLength + " bytes");
        }
        header.get(8, name);
        codec = new String(name, StandardCharsets.US_ASCII);
        width = Short.toUnsignedInt(header.getShort(12));
        height = Short.toUnsignedInt(header.getShort(14));
        rate = Integer.toUnsignedLong(header.getInt(16));
        scale = Integer.toUnsignedLong(header.getInt(20));
        if (rate == 0 || scale == 0) {
            throw new IOException("IVF header without a time base");
        }
        in.skipNBytes(headerLength - HEADER);
    }

    /** Four characters such as {@code VP80}. */
    public String codec() {
        return codec;
    }

    /** Width in pixels. */
    public int width() {
        return width;
    }

    /** Height in pixels. */
    public int height() {
        return height;
    }

    /**
     * The next frame, or null at the end of the file.
     *
     * @throws IOException when the file ends inside a frame, or a frame exceeds {@link #MAX_FRAME}
     */
    public @Nullable Frame next() throws IOException {
        final byte[] header = in.readNBytes(FRAME_HEADER);
        if (header.length == 0) {
            return null;
        }
        if (header.length < FRAME_HEADER) {
            throw new EOFException("the IVF file ends inside a frame header");
        }
        final ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        final int size = fields.getInt(0);
        if (size < 0 || size > MAX_FRAME) {
            throw new IOException("IVF frame of " + Integer.toUnsignedString(size) + " bytes");
        }
        return new Frame(read(size).array(), fields.getLong(Integer.BYTES) * scale * NS_PER_SECOND / rate);
    }

    private ByteBuffer read(final int length) throws IOException {
        final byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the IVF file ends early");
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
