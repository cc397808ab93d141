package org.chevet.bench.micro;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.BlockDecoder;
import org.chevet.codec.vitals.sbe.BlockEncoder;
import org.chevet.codec.vitals.sbe.MessageHeaderDecoder;
import org.chevet.codec.vitals.sbe.MessageHeaderEncoder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Blocks of device streams: 50 samples of a twelve-lead ECG as 16-bit integers, and 200 bytes that only the ends can
 * read.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class VitalsCodecBench {
    private static final int LEADS = 12;
    private static final int SAMPLES = 50;
    private static final int ECG_BYTES = LEADS * SAMPLES * Short.BYTES;
    private static final int OPAQUE_BYTES = 200;
    private static final int CAPACITY = 4096;

    private final UnsafeBuffer ecg = buffer();
    private final UnsafeBuffer opaque = buffer();
    private final UnsafeBuffer out = buffer();
    private final UnsafeBuffer ecgPayload = buffer();
    private final UnsafeBuffer opaquePayload = buffer();
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final MessageHeaderDecoder headerDecoder = new MessageHeaderDecoder();
    private final BlockEncoder encoder = new BlockEncoder();
    private final BlockDecoder decoder = new BlockDecoder();
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private int ecgLength;
    private int opaqueLength;
    private long sequence;

    private static UnsafeBuffer buffer() {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(CAPACITY));
    }

    /** Encodes what the others read; fails when it is not a block. */
    @Setup
    public void check() {
        ecgLength = encode(ecg, SAMPLES, ecgPayload, ECG_BYTES);
        opaqueLength = encode(opaque, SAMPLES, opaquePayload, OPAQUE_BYTES);
        if (checkTwelveLeads() != BlockDecoder.TEMPLATE_ID || checkOpaque() != BlockDecoder.TEMPLATE_ID
            || readOpaque() != OPAQUE_BYTES) {
            throw new IllegalStateException("the benchmark's blocks are malformed");
        }
    }

    private int encode(final UnsafeBuffer into, final int samples, final UnsafeBuffer payload, final int bytes) {
        encoder.wrapAndApplyHeader(into, 0, headerEncoder).sequence(sequence).firstSample(sequence * samples)
            .deviceTimeNs(sequence).streamId(1).sampleCount(samples).flags().clear();
        encoder.putPayload(payload, 0, bytes);
        return VitalsReader.HEADER_LENGTH + encoder.encodedLength();
    }

    /** Writes a block of twelve leads. */
    @Benchmark
    public int writeTwelveLeads() {
        sequence++;
        return encode(out, SAMPLES, ecgPayload, ECG_BYTES);
    }

    /** Writes an opaque block. */
    @Benchmark
    public int writeOpaque() {
        sequence++;
        return encode(out, SAMPLES, opaquePayload, OPAQUE_BYTES);
    }

    /** Is it well-formed? Asked by the relay of every message. */
    @Benchmark
    public int checkTwelveLeads() {
        return VitalsReader.check(ecg, 0, ecgLength);
    }

    /** The same of an opaque block. */
    @Benchmark
    public int checkOpaque() {
        return VitalsReader.check(opaque, 0, opaqueLength);
    }

    /** The head, and every sample of every lead, as a client does. */
    @Benchmark
    public long readTwelveLeads() {
        decoder.wrapAndApplyHeader(ecg, 0, headerDecoder);
        decoder.wrapPayload(view);
        long sum = decoder.sequence() + decoder.sampleCount();
        for (int at = 0; at < ECG_BYTES; at += Short.BYTES) {
            sum += view.getShort(at, LITTLE_ENDIAN);
        }
        return sum;
    }

    /** The head, and where the payload is. */
    @Benchmark
    public int readOpaque() {
        decoder.wrapAndApplyHeader(opaque, 0, headerDecoder);
        decoder.wrapPayload(view);
        return decoder.streamId() == 1 ? view.capacity() : 0;
    }
}
