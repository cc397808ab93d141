package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u32;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Walks the packet reports of congestion control feedback (RFC 8888 section 3.1).
 *
 * <pre>
 * |V=2|P| FMT=11  |    PT=205     |           length              |
 * |                     SSRC of packet sender                     |
 * |                   SSRC of first RTP stream                    |
 * |        begin sequence         |       number of reports       |
 * |R|ECN|  Arrival time offset    | ... a report for each packet, |
 *   two bytes of padding after an odd number; then further streams
 * |                       Report timestamp                        |
 *
 * arrival time offset: how long before the report timestamp, in 1/1024 s; 0x1FFE further back, 0x1FFF not known
 * </pre>
 *
 * <p>{@link #wrap} checks that the streams fill the packet exactly, so a walk never fails midway. Borrows the
 * walker's buffer until the next wrap. Not thread-safe.
 */
public final class CongestionFeedback {
    /** Most reports of one stream (RFC 8888 section 3.1). */
    public static final int MAX_REPORTS = 16_384;
    /** Value of {@link #ecn()} of a packet that was marked: congestion experienced. */
    public static final int ECN_CE = 3;

    private static final int STREAMS_OFFSET = 8;
    private static final int STREAM_HEADER_LENGTH = 8;
    private static final int MIN_LENGTH = STREAMS_OFFSET + Integer.BYTES;
    private static final int RECEIVED_BIT = 0x8000;
    private static final int ECN_SHIFT = 13;
    private static final int ECN_MASK = 3;
    private static final int OFFSET_MASK = 0x1FFF;
    private static final int FIRST_UNUSABLE_OFFSET = 0x1FFE;
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int OFFSET_UNIT_SHIFT = 10;
    private static final int TIMESTAMP_UNIT_SHIFT = 16;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;
    private int streamsEnd;
    private int nextStream;
    private int stream;
    private int reportCount;
    private int index;
    private int report;

    /**
     * Takes the packet the walker stands on.
     *
     * @return false when it is no such feedback, a stream has more than {@link #MAX_REPORTS}, or the streams do not
     *     end where the report timestamp starts
     */
    public boolean wrap(final RtcpCompound packet) {
        buffer = packet.buffer();
        offset = packet.packetOffset();
        streamsEnd = offset + STREAMS_OFFSET;
        rewind();
        if (!packet.is(RtcpType.TRANSPORT_FEEDBACK, RtcpType.FORMAT_CCFB, MIN_LENGTH)) {
            return false;
        }
        final int end = offset + packet.packetLength() - Integer.BYTES;
        int at = offset + STREAMS_OFFSET;
        while (at < end) {
            if (end - at < STREAM_HEADER_LENGTH || u16(buffer, at + 6) > MAX_REPORTS) {
                return false;
            }
            at += streamLength(u16(buffer, at + 6));
        }
        if (at != end) {
            return false;
        }
        streamsEnd = end;
        return true;
    }

    private static int streamLength(final int reports) {
        return STREAM_HEADER_LENGTH + (reports + (reports & 1)) * Short.BYTES;
    }

    /** Back to before the first report. */
    public void rewind() {
        nextStream = offset + STREAMS_OFFSET;
        stream = nextStream;
        reportCount = 0;
        index = -1;
        report = 0;
    }

    /** Moves to the next report, of this stream or the next one that has any; false when there is none. */
    public boolean next() {
        index++;
        while (index >= reportCount) {
            if (nextStream >= streamsEnd) {
                index = reportCount;
                report = 0;
                return false;
            }
            stream = nextStream;
            reportCount = u16(buffer, stream + 6);
            nextStream = stream + streamLength(reportCount);
            index = 0;
        }
        report = u16(buffer, stream + STREAM_HEADER_LENGTH + index * Short.BYTES);
        return true;
    }

    /** The RTP stream of this report. */
    public int ssrc() {
        return i32(buffer, stream);
    }

    /** RTP sequence number of this report, 0 to 65535. */
    public int sequence() {
        return (u16(buffer, stream + Integer.BYTES) + index) & 0xFFFF;
    }

    /** True when the packet arrived. */
    public boolean isReceived() {
        return (report & RECEIVED_BIT) != 0;
    }

    /** Congestion mark of the packet, 0 to 3; meaningful only when {@link #isReceived()}. */
    public int ecn() {
        return (report >>> ECN_SHIFT) & ECN_MASK;
    }

    /** True when the packet arrived and the report says when. */
    public boolean hasArrivalTime() {
        return isReceived() && (report & OFFSET_MASK) < FIRST_UNUSABLE_OFFSET;
    }

    /** How long before the report timestamp the packet arrived, in ns; only with {@link #hasArrivalTime()}. */
    public long ageNs() {
        return ((report & OFFSET_MASK) * NS_PER_SECOND) >> OFFSET_UNIT_SHIFT;
    }

    /** Report timestamp in ns of the reporter's clock: the middle of an NTP timestamp, wraps after 65536 s. */
    public long timestampNs() {
        return (u32(buffer, streamsEnd) * NS_PER_SECOND) >> TIMESTAMP_UNIT_SHIFT;
    }

    /** Who reports. */
    public int senderSsrc() {
        return i32(buffer, offset + RtcpType.HEADER_LENGTH);
    }
}
