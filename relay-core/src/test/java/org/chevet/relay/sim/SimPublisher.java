package org.chevet.relay.sim;

import java.util.BitSet;
import java.util.Random;
import org.chevet.codec.rtcp.Nack;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.codec.rtcp.RtcpType;
import org.chevet.codec.rtp.RtpHeaderWriter;
import org.chevet.codec.wire.TransportAddress;

/**
 * Publishes Opus-like audio (50 packets/s) and VP8-like video (25 frames/s of several packets, key frames when asked).
 *
 * <p>Every payload ends in the number of the packet in its stream, so that a receiver can tell what it got. Some audio
 * packets are padding only, which must never be forwarded. Answers NACK from everything it ever sent.
 */
final class SimPublisher extends SimPeer {
    static final int AUDIO_PT = 111;
    static final int VIDEO_PT = 96;
    static final int NUMBER_BYTES = 4;
    private static final long TICK_NS = 20_000_000L;
    private static final int AUDIO_STEP = 960;
    private static final int VIDEO_STEP = 3600;
    private static final int VIDEO_EVERY = 2;
    private static final int PADDING_EVERY = 37;
    private static final int KEPT = 4096;

    final int audioSsrc;
    final int videoSsrc;
    private final RtpHeaderWriter writer = new RtpHeaderWriter();
    private final RtcpCompound compound = new RtcpCompound();
    private final Nack nack = new Nack();
    private final Random random;
    private final byte[][] keptVideo = new byte[KEPT][];
    private int audioSequence = 65_500;
    private int videoSequence = 65_000;
    private int audioNumber;
    private int videoNumber;
    private int tick;
    private long nextNs;
    private boolean keyWanted = true;
    private final BitSet inKeyFrame = new BitSet();
    private int repairs;

    SimPublisher(final String ufrag, final TransportAddress address, final TransportAddress relay, final SimNetwork up,
        final long keySeed, final Random random) {
        super(ufrag, address, relay, up, keySeed, random);
        this.random = random;
        audioSsrc = 0x1000_0000 | random.nextInt(0xFFFFFF);
        videoSsrc = 0x2000_0000 | random.nextInt(0xFFFFFF);
    }

    int videoPackets() {
        return videoNumber;
    }

    /** True when the video packet of this number is part of a key frame. */
    boolean isInKeyFrame(final int number) {
        return inKeyFrame.get(number);
    }

    int repairs() {
        return repairs;
    }

    @Override
    long nextTurnNs() {
        return nextNs;
    }

    @Override
    void onTurn(final long nowNs) {
        if (tick % PADDING_EVERY == PADDING_EVERY - 1) {
            sendPaddingOnly(nowNs);
        }
        final int headerLength = header(AUDIO_PT, audioSequence++, tick * AUDIO_STEP, audioSsrc, false);
        sendNumbered(headerLength, 20 + random.nextInt(100), audioNumber++, nowNs);
        if (tick % VIDEO_EVERY == 0) {
            sendFrame(nowNs);
        }
        tick++;
        nextNs = Math.max(nextNs, nowNs) + TICK_NS;
    }

    @Override
    void onPacket(final boolean rtcp, final int length, final long nowNs) {
        if (!rtcp || !compound.wrap(buffer, 0, length)) {
            return;
        }
        final int[] asked = new int[256];
        int count = 0;
        while (compound.next()) {
            if (compound.packetType() == RtcpType.PAYLOAD_FEEDBACK && compound.format() == 1) {
                keyWanted = true;
            } else if (compound.packetType() == RtcpType.TRANSPORT_FEEDBACK && nack.wrap(compound)
                && nack.mediaSsrc() == videoSsrc) {
                for (int sequence; (sequence = nack.next()) >= 0 && count < asked.length;) {
                    asked[count++] = sequence;
                }
            }
        }
        for (int i = 0; i < count; i++) {
            final byte[] kept = keptVideo[asked[i] % KEPT];
            if (kept != null) {
                repairs++;
                sendRaw(kept, nowNs);
            }
        }
    }

    private void sendFrame(final long nowNs) {
        final boolean key = keyWanted;
        keyWanted = false;
        final int packets = key ? 8 : 1 + random.nextInt(4);
        for (int i = 0; i < packets; i++) {
            final int headerLength =
                header(VIDEO_PT, videoSequence, tick * (VIDEO_STEP / VIDEO_EVERY), videoSsrc, i == packets - 1);
            // RFC 7741: S bit on the first packet, then the VP8 frame tag, whose P bit is 0 on key frames.
            buffer.putByte(headerLength, (byte) (i == 0 ? 0x10 : 0x00));
            buffer.putByte(headerLength + 1, (byte) (key ? 0x00 : 0x01));
            inKeyFrame.set(videoNumber, key);
            keptVideo[(videoSequence & 0xFFFF) % KEPT] =
                sendNumbered(headerLength, 400 + random.nextInt(700), videoNumber++, nowNs);
            videoSequence++;
        }
    }

    private byte[] sendNumbered(final int headerLength, final int payloadLength, final int number, final long nowNs) {
        buffer.putInt(headerLength + payloadLength - NUMBER_BYTES, number);
        return sendRtp(headerLength, payloadLength, nowNs);
    }

    private void sendPaddingOnly(final long nowNs) {
        writer.begin(false).payloadType(AUDIO_PT).sequence(audioSequence++ & 0xFFFF).timestamp(tick * AUDIO_STEP)
            .ssrc(audioSsrc).padding(true);
        final int headerLength = writer.write(buffer, 0, 64);
        buffer.setMemory(headerLength, 15, (byte) 0);
        buffer.putByte(headerLength + 15, (byte) 16);
        sendRtp(headerLength, 16, nowNs);
    }

    private int header(final int payloadType, final int sequence, final int timestamp, final int ssrc,
        final boolean marker) {
        writer.begin(false).payloadType(payloadType).sequence(sequence & 0xFFFF).timestamp(timestamp).ssrc(ssrc)
            .marker(marker);
        return writer.write(buffer, 0, 64);
    }
}
