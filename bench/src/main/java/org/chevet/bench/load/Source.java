package org.chevet.bench.load;

import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.bench.mark.Mark;
import org.chevet.bench.mark.TrafficClass;
import org.chevet.relay.stream.SealedPackets;
import org.jspecify.annotations.Nullable;

/**
 * One RTP stream of a publisher: when the next packet is due, how long it is, what it says. Audio comes at a steady
 * rate; video comes in frames, a frame's packets together, at most {@link #BURST} at once and the rest 1 ms later, as
 * a browser's pacer does. One thread; no allocation.
 *
 * <pre>
 *   payload of video: VP8 descriptor (4 bytes, RFC 7741) | VP8 frame header (10 bytes on a key frame) | mark | noise
 *   payload of audio: noise | mark at 16 | noise
 * </pre>
 */
final class Source {
    /** Bytes of the VP8 payload descriptor. */
    static final int DESCRIPTOR = 4;
    /** Packets of a frame that leave together. */
    static final int BURST = 16;

    /** A second of four megabits. */
    private static final int SEALED = 512;
    private static final int SEALED_BYTES = 512 * 1024;
    private static final int RTP_HEADER = 12;
    private static final int EXTENSIONS = 12;
    private static final int VERSION = 0x80;
    private static final int EXTENDED = 0x90;
    private static final int ONE_BYTE = 0xBEDE;
    private static final int MARKER = 0x80;
    private static final int EXTENSION_WORDS = 2;
    private static final int START_OF_FRAME = 0x10;
    private static final int INTER_FRAME = 0x11;
    private static final int KEY_FRAME = 0x10;
    private static final int KEY_FRAME_SHARE = 4;
    private static final int VIDEO_CLOCK = 90_000;
    private static final int AUDIO_CLOCK = 48_000;
    private static final long NS = 1_000_000_000L;
    private static final long PACE_NS = 1_000_000L;
    private static final long LEAST_KEY_GAP_NS = 500_000_000L;
    /** A start code and 640 x 360, as RFC 6386 section 9.1 wants them. */
    private static final byte[] KEY_HEAD = {(byte) 0x9d, 0x01, 0x2a, (byte) 0x80, 0x02, 0x68, 0x01};
    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    /** What makes up the RTP header; extension ids of 0 are left out. */
    record Header(int payloadType, int ssrc, String mid, int midId, int wideId, String rid, int ridId) {
    }

    private final int id;
    private final TrafficClass kind;
    private final Header header;
    private final SplittableRandom random;
    private final UnsafeBuffer noise;
    private final boolean extended;
    private final int layer;
    private final Connection connection;
    /** What left, to be sent again when asked for; null when nothing is. */
    final @Nullable SealedPackets sealed;
    private MediaShape shape;
    private long dueNs;
    private long frameNs;
    private long sequence;
    private long frames;
    private long windowFirst;
    private int rtp;
    private int timestamp;
    private int pictureId;
    private int remaining;
    private int packets;
    private boolean started;
    private boolean key;
    private boolean keyWanted = true;
    private long keyNs;
    private long bytes;

    Source(final int id, final TrafficClass kind, final int layer, final Header header, final MediaShape shape,
        final UnsafeBuffer noise, final long seed, final Connection connection, final long nowNs) {
        this.id = id;
        this.connection = connection;
        sealed = connection.local.repairs() ? new SealedPackets(SEALED, SEALED_BYTES) : null;
        this.kind = kind;
        this.layer = layer;
        this.header = header;
        this.shape = shape;
        this.noise = noise;
        random = new SplittableRandom(seed);
        extended = header.midId() > 0 || header.wideId() > 0 || header.ridId() > 0;
        // Sources start out of step, as people do.
        dueNs = nowNs + (long) (random.nextDouble() * intervalNs());
        frameNs = dueNs;
        rtp = random.nextInt(1 << 15);
        timestamp = random.nextInt();
        pictureId = random.nextInt(1 << 15);
        keyNs = nowNs - LEAST_KEY_GAP_NS;
    }

    int id() {
        return id;
    }

    TrafficClass kind() {
        return kind;
    }

    /** Whose it is. */
    Connection connection() {
        return connection;
    }

    int ssrc() {
        return header.ssrc();
    }

    /** True for one of several simulcast layers. */
    boolean isLayered() {
        return !header.rid().isEmpty();
    }

    /** Numbers used so far: the next packet's number. */
    long sequence() {
        return sequence;
    }

    /** Where the window of measurement began. */
    long windowFirst() {
        return windowFirst;
    }

    void beginWindow() {
        windowFirst = sequence;
    }

    long dueNs() {
        return dueNs;
    }

    /** RTP timestamp of the last packet. */
    int timestamp() {
        return timestamp;
    }

    /** Payload bytes sent so far. */
    long bytes() {
        return bytes;
    }

    /** Changes the rate from the next frame on. */
    void shape(final MediaShape newShape) {
        shape = newShape;
    }

    /** A receiver cannot go on without a key frame. */
    void wantKeyFrame() {
        keyWanted = true;
    }

    private long intervalNs() {
        return NS / Math.max(1, kind == TrafficClass.AUDIO ? shape.audioPps() : shape.videoFps());
    }

    /** Starts what is due: how many packets are to be written now. */
    int begin(final long nowNs) {
        if (kind == TrafficClass.AUDIO) {
            timestamp += (int) (AUDIO_CLOCK * intervalNs() / NS);
            return 1;
        }
        if (packets == 0) {
            key = nowNs - keyNs >= LEAST_KEY_GAP_NS && (keyWanted || nowNs - keyNs >= shape.keyFrameMs() * 1_000_000L);
            if (key) {
                keyWanted = false;
                keyNs = nowNs;
            }
            final double mean = shape.layerBps(layer) / 8.0 / shape.videoFps();
            final double size = key ? mean * KEY_FRAME_SHARE : mean * (0.7 + 0.6 * random.nextDouble());
            remaining = (int) Math.max(2 * (DESCRIPTOR + Mark.AT + Mark.LENGTH), size);
            packets = (remaining + MediaShape.MAX_PAYLOAD - DESCRIPTOR - 1) / (MediaShape.MAX_PAYLOAD - DESCRIPTOR);
            frames++;
            pictureId = (pictureId + 1) & 0x7FFF;
            timestamp += VIDEO_CLOCK / shape.videoFps();
        }
        return Math.min(packets, BURST);
    }

    /** After what {@link #begin} said was written: when the next is due. */
    void end() {
        if (kind == TrafficClass.VIDEO && packets > 0) {
            dueNs += PACE_NS;
        } else {
            frameNs += intervalNs();
            dueNs = Math.max(frameNs, dueNs);
        }
    }

    /** Skips what should have been sent while the sender could not keep up; returns the intervals skipped. */
    long skipTo(final long nowNs) {
        final long behind = (nowNs - frameNs) / intervalNs();
        if (behind > 0) {
            frameNs += behind * intervalNs();
            dueNs = Math.max(dueNs, frameNs);
        }
        return behind;
    }

    /** Writes the RTP header; returns its length. The payload follows with {@link #payload}. */
    int header(final MutableDirectBuffer out, final int offset, final int transportSequence) {
        final boolean last = kind == TrafficClass.AUDIO || packets == 1;
        out.putByte(offset, (byte) (extended ? EXTENDED : VERSION));
        out.putByte(offset + 1, (byte) (header.payloadType() | (last && kind == TrafficClass.VIDEO ? MARKER : 0)));
        out.putShort(offset + 2, (short) rtp, ORDER);
        out.putInt(offset + 4, timestamp, ORDER);
        out.putInt(offset + 8, header.ssrc(), ORDER);
        rtp = (rtp + 1) & 0xFFFF;
        if (!extended) {
            return RTP_HEADER;
        }
        int at = offset + RTP_HEADER;
        out.putShort(at, (short) ONE_BYTE, ORDER);
        out.putShort(at + 2, (short) EXTENSION_WORDS, ORDER);
        at += 4;
        out.putLong(at, 0);
        if (header.midId() > 0) {
            at = element(out, at, header.midId(), header.mid());
        }
        if (header.ridId() > 0) {
            at = element(out, at, header.ridId(), header.rid());
        }
        if (header.wideId() > 0) {
            out.putByte(at, (byte) (header.wideId() << 4 | 1));
            out.putShort(at + 1, (short) transportSequence, ORDER);
        }
        return RTP_HEADER + EXTENSIONS;
    }

    /** An element of one character; ids and mids of load clients have no more. */
    private static int element(final MutableDirectBuffer out, final int at, final int id, final String value) {
        out.putByte(at, (byte) (id << 4));
        out.putByte(at + 1, (byte) value.charAt(0));
        return at + 2;
    }

    /** Writes the payload of the next packet with its mark; returns its length. */
    int payload(final MutableDirectBuffer out, final int offset, final long sentNs) {
        final int length;
        if (kind == TrafficClass.AUDIO) {
            length = Math.max(Mark.AT + Mark.LENGTH, shape.audioBytes() * (3 + random.nextInt(3)) / 4);
            out.putBytes(offset, noise, 0, length);
        } else {
            length = video(out, offset);
        }
        Mark.write(out, offset + Mark.AT, id, sequence, sentNs);
        sequence++;
        bytes += length;
        return length;
    }

    private int video(final MutableDirectBuffer out, final int offset) {
        final int share = (remaining + packets - 1) / packets;
        out.putBytes(offset, noise, 0, Math.max(DESCRIPTOR + share, Mark.AT + Mark.LENGTH));
        final boolean first = !started;
        out.putByte(offset, (byte) (VERSION | (first ? START_OF_FRAME : 0)));
        out.putByte(offset + 1, (byte) VERSION);
        out.putShort(offset + 2, (short) (0x8000 | pictureId), ORDER);
        if (first) {
            out.putByte(offset + DESCRIPTOR, (byte) (key ? KEY_FRAME : INTER_FRAME));
            if (key) {
                out.putBytes(offset + DESCRIPTOR + 3, KEY_HEAD);
            }
        }
        remaining -= share;
        packets--;
        started = packets > 0;
        return DESCRIPTOR + share;
    }

    /** True when the rest of a frame is still to be sent. */
    boolean isWithinFrame() {
        return packets > 0;
    }

    /** Frames begun so far. */
    long frames() {
        return frames;
    }
}
