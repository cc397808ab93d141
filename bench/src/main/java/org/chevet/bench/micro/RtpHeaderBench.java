package org.chevet.bench.micro;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.payload.KeyFrames;
import org.chevet.codec.rtp.RtpExtensions;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.rtp.RtpHeaderWriter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a lane does with the header of every RTP packet: read it, find extensions, write another for a subscriber. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RtpHeaderBench {
    private static final int TRANSPORT_CC_ID = 3;
    private static final int MID_ID = 4;

    private final UnsafeBuffer packet = Packets.rtp();
    private final UnsafeBuffer twoBytePacket = Packets.rtpTwoByte();
    private final UnsafeBuffer out = new UnsafeBuffer(ByteBuffer.allocateDirect(2048));
    private final RtpHeader header = new RtpHeader();
    private final RtpExtensions extensions = new RtpExtensions();
    private final RtpHeaderWriter writer = new RtpHeaderWriter();

    /** Fails when the packets are not what the benchmarks mean to read. */
    @Setup
    public void check() {
        if (!header.wrapPlain(packet, 0, packet.capacity()) || !extensions.wrap(header)
            || !extensions.find(TRANSPORT_CC_ID) || !header.wrapPlain(twoBytePacket, 0, twoBytePacket.capacity())
            || !extensions.wrap(header) || !extensions.find(MID_ID) || !isKeyFrameStart()) {
            throw new IllegalStateException("the benchmark's packets are malformed");
        }
    }

    /** Header alone. */
    @Benchmark
    public int readHeader() {
        header.wrap(packet, 0, packet.capacity());
        return header.ssrc() + header.sequence();
    }

    /** Header and the transport-wide sequence number among three one-byte extensions. */
    @Benchmark
    public int readHeaderAndExtension() {
        header.wrapPlain(packet, 0, packet.capacity());
        extensions.wrap(header);
        extensions.find(TRANSPORT_CC_ID);
        return header.ssrc() + extensions.valueU16();
    }

    /** Header and the mid among four two-byte extensions. */
    @Benchmark
    public int readTwoByteExtensions() {
        header.wrapPlain(twoBytePacket, 0, twoBytePacket.capacity());
        extensions.wrap(header);
        extensions.find(MID_ID);
        return header.ssrc() + extensions.valueU8();
    }

    /** The header of one copy for a subscriber: other SSRC, sequence, timestamp, and three extensions. */
    @Benchmark
    public int writeHeader() {
        writer.begin(true).payloadType(96).marker(true).sequence(1).timestamp(2).ssrc(3);
        writer.extension24(2, 0x12_3456);
        writer.extension16(TRANSPORT_CC_ID, 7);
        writer.extension8(MID_ID, '0');
        return writer.write(out, 0, 2048);
    }

    /** Does a VP8 key frame start here? */
    @Benchmark
    public boolean isKeyFrameStart() {
        header.wrapPlain(packet, 0, packet.capacity());
        return KeyFrames.isVp8Start(packet, header.payloadOffset(), header.payloadLength());
    }
}
