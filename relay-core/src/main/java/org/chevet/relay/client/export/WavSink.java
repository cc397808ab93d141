package org.chevet.relay.client.export;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import org.chevet.codec.vitals.SampleFormats;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.SampleFormat;
import org.chevet.relay.client.StreamSpec;
import org.chevet.relay.client.VitalsBlock;
import org.jspecify.annotations.Nullable;

/**
 * Device audio as RIFF WAVE files of 16- or 24-bit PCM, samples unchanged. WAVE has no way to leave samples out, so a
 * gap ends the file and the next samples begin another, opened under the index of its first sample. WAVE's rate is a
 * whole number of hertz: a stream of any other rate is refused. A file ends before 2 GiB, and another begins.
 */
public final class WavSink implements StreamSink {
    private static final int HEADER = 44;
    private static final int RIFF_LENGTH_AT = 4;
    private static final int DATA_LENGTH_AT = 40;
    private static final long MOST_DATA = Integer.MAX_VALUE - HEADER - 1L;

    /** Opens the file that begins with a sample. */
    @FunctionalInterface
    public interface Files {
        /** An empty channel; closed by the sink. */
        SeekableByteChannel open(long firstSample) throws IOException;
    }

    private final StreamSpec spec;
    private final Files files;
    private final int frameBytes;
    private @Nullable SeekableByteChannel out;
    private long dataBytes;
    private long next = -1;

    /**
     * A sink.
     *
     * @throws IOException when the stream is not 16- or 24-bit PCM at a whole number of hertz
     */
    public WavSink(final StreamSpec spec, final Files files) throws IOException {
        final boolean pcm = spec.sampleFormat() == SampleFormat.I16LE || spec.sampleFormat() == SampleFormat.I24LE;
        if (!pcm || spec.rateNumerator() == 0 || spec.rateNumerator() % spec.rateDenominator() != 0) {
            throw new IOException("WAV holds 16- or 24-bit PCM at a whole number of hertz; stream " + spec.name()
                + " is " + spec.sampleFormat() + " at " + spec.rateNumerator() + "/" + spec.rateDenominator() + " Hz");
        }
        this.spec = spec;
        this.files = files;
        frameBytes = spec.frameBytes();
    }

    @Override
    public void block(final VitalsBlock block) throws IOException {
        if (block.isMissing()) {
            end();
            return;
        }
        final int length = block.payload().remaining();
        if (length != block.sampleCount() * frameBytes || block.firstSample() < next) {
            throw new IOException("stream " + spec.name() + ": block " + block.sequence() + " has " + length
                + " bytes for " + block.sampleCount() + " samples from " + block.firstSample());
        }
        if (block.firstSample() != next || dataBytes + length > MOST_DATA) {
            end();
        }
        SeekableByteChannel file = out;
        if (file == null) {
            file = files.open(block.firstSample());
            out = file;
            dataBytes = 0;
            write(file, header());
        }
        write(file, block.payload().duplicate());
        dataBytes += length;
        next = block.firstSample() + block.sampleCount();
    }

    @Override
    public void gap(final long fromSample, final long toSample, final GapReason reason) throws IOException {
        end();
    }

    @Override
    public void close() throws IOException {
        end();
    }

    private void end() throws IOException {
        final SeekableByteChannel file = out;
        out = null;
        if (file == null) {
            return;
        }
        try (file) {
            if (dataBytes % 2 != 0) {
                write(file, ByteBuffer.allocate(1));
            }
            lengthAt(file, RIFF_LENGTH_AT, HEADER - 8 + dataBytes + dataBytes % 2);
            lengthAt(file, DATA_LENGTH_AT, dataBytes);
        }
    }

    private static void lengthAt(final SeekableByteChannel file, final long at, final long value) throws IOException {
        file.position(at);
        write(file, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt((int) value).flip());
    }

    private ByteBuffer header() {
        final int rateHz = Math.toIntExact(spec.rateNumerator() / spec.rateDenominator());
        final ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        header.put(id("RIFF")).putInt(0).put(id("WAVE")).put(id("fmt ")).putInt(16).putShort((short) 1);
        header.putShort((short) spec.channels().size()).putInt(rateHz).putInt(rateHz * frameBytes);
        header.putShort((short) frameBytes).putShort((short) (8 * SampleFormats.bytesPerSample(spec.sampleFormat())));
        return header.put(id("data")).putInt(0).flip();
    }

    private static byte[] id(final String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void write(final SeekableByteChannel file, final ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }
}
