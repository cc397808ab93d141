package org.chevet.bench.micro;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.stun.StunIntegrity;
import org.chevet.codec.stun.StunMessage;
import org.chevet.codec.stun.StunWriter;
import org.chevet.codec.wire.TransportAddress;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A connectivity check as a browser sends it: reading, proving, answering. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StunBench {
    private final UnsafeBuffer request = Packets.stunCheck();
    private final UnsafeBuffer out = new UnsafeBuffer(ByteBuffer.allocateDirect(2048));
    private final StunMessage message = new StunMessage();
    private final StunWriter writer = new StunWriter();
    private final StunIntegrity integrity =
        new StunIntegrity(Packets.STUN_PASSWORD.getBytes(StandardCharsets.US_ASCII));
    private final TransportAddress peer = TransportAddress.ofIpv4(0xC000_0202, 58_046);

    /** Fails when the request is not what the benchmarks mean to read. */
    @Setup
    public void check() {
        if (!verify() || !message.checkFingerprint() || !message.useCandidate() || answer() == 0) {
            throw new IllegalStateException("the benchmark's request is malformed");
        }
    }

    /** Walks the attributes and reads those of ICE. */
    @Benchmark
    public long read() {
        message.wrap(request, 0, request.capacity());
        return message.priority() + message.tieBreaker() + (message.useCandidate() ? 1 : 0);
    }

    /** Walks, and checks the CRC-32. */
    @Benchmark
    public boolean checkFingerprint() {
        return message.wrap(request, 0, request.capacity()) && message.checkFingerprint();
    }

    /** Walks, and checks the HMAC-SHA1. */
    @Benchmark
    public boolean verify() {
        return message.wrap(request, 0, request.capacity()) && integrity.verify(message);
    }

    /** Writes the success response with its HMAC and CRC. */
    @Benchmark
    public int answer() {
        message.wrap(request, 0, request.capacity());
        return writer.respond(out, 0, 2048, StunMessage.BINDING_SUCCESS, message).xorMappedAddress(peer)
            .integrity(integrity).fingerprint().length();
    }
}
