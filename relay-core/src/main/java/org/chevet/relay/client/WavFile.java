package org.chevet.relay.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A RIFF WAVE file of 16-bit PCM.
 *
 * @param rateHz samples per second
 * @param channels interleaved channels
 * @param data the samples, little-endian int16; a slice of the file, not copied
 */
public record WavFile(int rateHz, int channels, ByteBuffer data) {
    private static final int RIFF = 0x4646_4952;
    private static final int WAVE = 0x4556_4157;
    private static final int FORMAT = 0x2074_6D66;
    private static final int DATA = 0x6174_6164;
    private static final int PCM = 1;
    private static final int EXTENSIBLE = 0xFFFE;
    private static final int MAX_CHANNELS = 64;

    /** Makes the data little-endian. */
    public WavFile {
        data = data.order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads a file.
     *
     * @throws IOException saying what is not as it should be
     */
    public static WavFile parse(final byte[] file) throws IOException {
        final ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        if (file.length < 12 || in.getInt() != RIFF || in.getInt() < 4 || in.getInt() != WAVE) {
            throw new IOException("not a RIFF WAVE file");
        }
        int rateHz = 0;
        int channels = 0;
        while (in.remaining() >= 8) {
            final int id = in.getInt();
            final int length = in.getInt();
            if (length < 0 || (length > in.remaining() && id != DATA)) {
                throw new IOException("a chunk of " + length + " bytes is longer than the file");
            }
            if (id == FORMAT) {
                if (length < 16) {
                    throw new IOException("the format chunk has " + length + " bytes, at least 16 are needed");
                }
                final int format = in.getShort(in.position()) & 0xFFFF;
                channels = in.getShort(in.position() + 2) & 0xFFFF;
                rateHz = in.getInt(in.position() + 4);
                final int bits = in.getShort(in.position() + 14) & 0xFFFF;
                if ((format != PCM && format != EXTENSIBLE) || bits != 16 || channels < 1 || channels > MAX_CHANNELS
                    || rateHz < 1) {
                    throw new IOException("only 16-bit PCM is read: format " + format + ", " + bits + " bit, "
                        + channels + " channels, " + rateHz + " Hz");
                }
            } else if (id == DATA) {
                if (channels == 0) {
                    throw new IOException("the data chunk comes before the format chunk");
                }
                final int whole = Math.min(length, in.remaining()) / (2 * channels) * (2 * channels);
                return new WavFile(rateHz, channels, ByteBuffer.wrap(file, in.position(), whole).slice());
            }
            in.position(Math.min(in.limit(), in.position() + length + (length & 1)));
        }
        throw new IOException("the file has no data chunk");
    }

    /** Samples per channel. */
    public int frames() {
        return data.capacity() / (2 * channels);
    }

    /** A copy of the interleaved samples. */
    public short[] samples() {
        final short[] samples = new short[frames() * channels];
        data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
        return samples;
    }
}
