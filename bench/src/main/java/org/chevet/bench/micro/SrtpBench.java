package org.chevet.bench.micro;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.relay.srtp.AeadEngine;
import org.chevet.relay.srtp.AeadEngineProvider;
import org.chevet.relay.srtp.CounterModeEngine;
import org.chevet.relay.srtp.CryptoSelection;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What sealing and opening one packet costs, by each provider: AES-256-GCM, and AES-128 counter mode with HMAC-SHA1.
 * Off the heap and out of place, as from the slab to the egress slot; a header of 12 bytes, a video or audio payload.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SrtpBench {
    private static final int HEADER = 12;
    private static final int SPACE = 2048;
    private static final int KEY_LENGTH = 32;

    /** Name of the provider; {@link Micro} leaves out what is not usable on the machine. */
    @Param({"ipsec-mb", "libcrypto", "jce"})
    public String provider = "";

    /** Bytes of payload. */
    @Param({"1200", "160"})
    public int bytes;

    private final UnsafeBuffer plain = new UnsafeBuffer(ByteBuffer.allocateDirect(SPACE));
    private final UnsafeBuffer sealed = new UnsafeBuffer(ByteBuffer.allocateDirect(SPACE));
    private final UnsafeBuffer out = new UnsafeBuffer(ByteBuffer.allocateDirect(SPACE));
    private final byte[] sealedNonce = new byte[AeadEngine.NONCE_LENGTH];
    private final byte[] nonce = new byte[AeadEngine.NONCE_LENGTH];
    private final UnsafeBuffer nonceNumber = new UnsafeBuffer(nonce);
    private final byte[] iv = new byte[CounterModeEngine.IV_LENGTH];
    private final UnsafeBuffer ivNumber = new UnsafeBuffer(iv);
    private final byte[] digest = new byte[CounterModeEngine.DIGEST_LENGTH];
    private AeadEngine gcm;
    private CounterModeEngine counterMode;
    private long number;

    /** Makes the engines, and a packet that opens. */
    @Setup(Level.Trial)
    public void start() {
        final AeadEngineProvider engines = CryptoSelection.select(provider).engines();
        gcm = engines.create(new byte[KEY_LENGTH]);
        counterMode = engines.createCounterMode(new byte[CounterModeEngine.KEY_LENGTH], digest);
        if (!gcm.seal(sealedNonce, plain, 0, HEADER, plain, HEADER, bytes, sealed, HEADER) || !openGcm()) {
            throw new IllegalStateException(provider + " does not open what it sealed");
        }
        number = 1;
    }

    /** Ends the engines. */
    @TearDown(Level.Trial)
    public void stop() {
        gcm.close();
        counterMode.close();
    }

    /** AES-256-GCM. */
    @Benchmark
    public boolean sealGcm() {
        nonceNumber.putLong(0, number++);
        return gcm.seal(nonce, plain, 0, HEADER, plain, HEADER, bytes, out, HEADER);
    }

    /** AES-256-GCM, the same packet each time. */
    @Benchmark
    public boolean openGcm() {
        return gcm.open(sealedNonce, plain, 0, HEADER, sealed, HEADER, bytes, out, HEADER);
    }

    /** AES128_CM_HMAC_SHA1_80: encrypt, then authenticate header and ciphertext. */
    @Benchmark
    public boolean sealCounterMode() {
        ivNumber.putLong(0, number++);
        return counterMode.crypt(iv, plain, HEADER, bytes, out, HEADER)
            && counterMode.authenticate(out, 0, HEADER + bytes, 0, digest);
    }

    /** AES128_CM_HMAC_SHA1_80: authenticate, then decrypt. */
    @Benchmark
    public boolean openCounterMode() {
        ivNumber.putLong(0, number++);
        return counterMode.authenticate(sealed, 0, HEADER + bytes, 0, digest)
            && counterMode.crypt(iv, sealed, HEADER, bytes, out, HEADER);
    }
}
