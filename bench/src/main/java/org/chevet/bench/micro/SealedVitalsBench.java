package org.chevet.bench.micro;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.chevet.codec.pack.SamplePacker;
import org.chevet.codec.pack.SampleUnpacker;
import org.chevet.codec.sframe.SframeKey;
import org.chevet.codec.sframe.SframeSuite;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Packing and sealing of 200 ms of twelve leads at 500 Hz, of a synthetic signal with noise. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SealedVitalsBench {
    private static final int LEADS = 12;
    private static final int SAMPLES = 100;
    private static final int BYTES = LEADS * SAMPLES * Short.BYTES;
    private static final byte[] NONE = new byte[0];

    private final SamplePacker packer = new SamplePacker();
    private final SampleUnpacker unpacker = new SampleUnpacker();
    private final SframeKey key = SframeKey.of(SframeSuite.AES_256_GCM_SHA512_128, new byte[32], 1);
    private final byte[] samples = new byte[BYTES];
    private final byte[] packed = new byte[BYTES];
    private final byte[] unpacked = new byte[BYTES];
    private final byte[] sealed = new byte[BYTES];
    private final byte[] message = new byte[BYTES];
    private int packedLength;
    private int messageLength;
    private long counter;

    /** Makes what the others read; fails when it does not come back. */
    @Setup
    public void check() {
        final Random random = new Random(1);
        for (int sample = 0, at = 0; sample < SAMPLES; sample++) {
            int before = 0;
            for (int lead = 0; lead < LEADS; lead++, at += Short.BYTES) {
                final int own = (int) (300 * Math.sin(sample * 0.15 + lead) + 4 * random.nextGaussian());
                final int value = lead > 1 && lead < 6 ? before - own / 100 : own;
                samples[at] = (byte) value;
                samples[at + 1] = (byte) (value >> Byte.SIZE);
                before = value;
            }
        }
        packedLength = pack();
        messageLength = key.seal(counter++, NONE, 0, packed, 0, packedLength, message, 0);
        if (packedLength < 0 || unpack() != BYTES || open() != packedLength) {
            throw new IllegalStateException("the block does not come back");
        }
    }

    /** Samples to packed bytes. */
    @Benchmark
    public int pack() {
        return packer.pack(Short.BYTES, LEADS, SAMPLES, samples, 0, packed, 0);
    }

    /** Packed bytes to samples. */
    @Benchmark
    public int unpack() {
        return unpacker.unpack(Short.BYTES, LEADS, SAMPLES, packed, 0, packedLength, unpacked, 0);
    }

    /** Packed bytes to a message. */
    @Benchmark
    public int seal() {
        return key.seal(counter++, NONE, 0, packed, 0, packedLength, sealed, 0);
    }

    /** Message to packed bytes. */
    @Benchmark
    public int open() {
        return key.open(NONE, 0, message, 0, messageLength, unpacked, 0);
    }
}
