package org.chevet.relay.srtp;

import java.util.Random;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.BigEndian;

/** A sender and the receiver of the other side, and packets for them. */
final class SrtpFixture implements AutoCloseable {
    static final int HEADER = 12;

    final SrtpProfile profile;
    final SrtpSender sender;
    final SrtpReceiver receiver;
    private final AeadEngineProvider engines;
    private final byte[] exporter;

    SrtpFixture(final AeadEngineProvider engines, final SrtpProfile profile, final long seed) {
        this.engines = engines;
        this.profile = profile;
        exporter = new byte[profile.exporterLength()];
        new Random(seed).nextBytes(exporter);
        try (SrtpKeys keys = new SrtpKeys(profile, exporter)) {
            sender = keys.clientSender(engines);
            receiver = keys.serverReceiver(engines);
        }
    }

    SrtpReceiver newReceiver() {
        try (SrtpKeys keys = new SrtpKeys(profile, exporter)) {
            return keys.serverReceiver(engines);
        }
    }

    SrtpSender newSender() {
        try (SrtpKeys keys = new SrtpKeys(profile, exporter)) {
            return keys.clientSender(engines);
        }
    }

    /** An RTP header without extension. */
    static void header(final MutableDirectBuffer out, final int offset, final int ssrc, final int sequence) {
        BigEndian.put16(out, offset, 0x8060);
        BigEndian.put16(out, offset + 2, sequence);
        BigEndian.put32(out, offset + 4, sequence * 3000L);
        BigEndian.put32(out, offset + 8, ssrc);
    }

    /** Seals one packet; its bytes, or null when the sender refused. */
    byte[] seal(final int ssrc, final int sequence, final byte[] payload) {
        final UnsafeBuffer out = new UnsafeBuffer(new byte[HEADER + payload.length + profile.rtpOverhead()]);
        header(out, 0, ssrc, sequence);
        final int length = sender.protectRtp(out, 0, HEADER, new UnsafeBuffer(payload), 0, payload.length);
        if (length != out.capacity()) {
            throw new IllegalStateException("sender said " + length);
        }
        return out.byteArray();
    }

    /** A receiver report: 8 bytes and {@code blocks} report blocks of 24. */
    byte[] sealRtcp(final int ssrc, final int blocks) {
        final int length = 8 + 24 * blocks;
        final UnsafeBuffer out = new UnsafeBuffer(new byte[length + profile.rtcpOverhead()]);
        BigEndian.put16(out, 0, 0x80C9 | blocks << 8);
        BigEndian.put16(out, 2, length / 4 - 1);
        BigEndian.put32(out, 4, ssrc);
        final int sealed = sender.protectRtcp(out, 0, length);
        if (sealed != out.capacity()) {
            throw new IllegalStateException("sender said " + sealed);
        }
        return out.byteArray();
    }

    int open(final byte[] packet) {
        return open(receiver, packet);
    }

    static int open(final SrtpReceiver receiver, final byte[] packet) {
        return receiver.unprotectRtp(new UnsafeBuffer(packet), 0, packet.length, new UnsafeBuffer(
            new byte[packet.length]), 0);
    }

    static int openRtcp(final SrtpReceiver receiver, final byte[] packet) {
        return receiver.unprotectRtcp(new UnsafeBuffer(packet), 0, packet.length, new UnsafeBuffer(
            new byte[packet.length]), 0);
    }

    @Override
    public void close() {
        sender.close();
        receiver.close();
    }
}
