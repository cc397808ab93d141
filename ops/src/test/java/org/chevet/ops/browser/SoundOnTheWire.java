package org.chevet.ops.browser;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.relay.client.PacketListener;

/**
 * Reads the payload of every sound packet as an SFrame message (RFC 9605 section 4.3), as anybody between the endpoints
 * can. Called on the thread of the connection; the figures are read after {@link #await}.
 */
final class SoundOnTheWire implements PacketListener {
    private static final int TAG = 16;
    private final Set<Long> keys = new HashSet<>();
    private final Set<Long> counters = new HashSet<>();
    private final CountDownLatch wanted;
    private int others;

    /** Waits for so many packets. */
    SoundOnTheWire(final int packets) {
        wanted = new CountDownLatch(packets);
    }

    @Override
    public synchronized void onPacket(final int track, final RtpHeader packet, final int payloadOffset,
        final int payloadLength, final int sequence) {
        final DirectBuffer buffer = packet.buffer();
        final int config = buffer.getByte(payloadOffset) & 0xff;
        final int kidBytes = (config & 0x80) == 0 ? 0 : ((config >> 4) & 7) + 1;
        final int counterBytes = (config & 0x08) == 0 ? 0 : (config & 7) + 1;
        if (payloadLength < 1 + kidBytes + counterBytes + TAG) {
            others++;
        } else {
            keys.add(kidBytes == 0 ? config >> 4 : number(buffer, payloadOffset + 1, kidBytes));
            if (!counters.add(counterBytes == 0 ? config & 7 : number(buffer, payloadOffset + 1 + kidBytes,
                counterBytes))) {
                others++;
            }
        }
        wanted.countDown();
    }

    /** True when the packets came in time. */
    boolean await(final long seconds) throws InterruptedException {
        return wanted.await(seconds, TimeUnit.SECONDS);
    }

    /** Key ids that were seen. */
    synchronized int keys() {
        return keys.size();
    }

    /** Packets that are no SFrame message, or repeat a counter. */
    synchronized int others() {
        return others;
    }

    private static long number(final DirectBuffer buffer, final int at, final int length) {
        long value = 0;
        for (int i = at; i < at + length; i++) {
            value = (value << 8) | (buffer.getByte(i) & 0xff);
        }
        return value;
    }
}
