package org.chevet.ops.browser;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
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
    /** Any epoch. */
    private static final long ANY = -1;
    /** The top byte of a key id of six. */
    private static final int EPOCH_SHIFT = 40;
    private final Set<Long> keys = new HashSet<>();
    private final Set<Long> counters = new HashSet<>();
    private final CountDownLatch wanted;
    private final List<String> messages = new ArrayList<>();
    private final int most;
    private final long epoch;
    private int others;

    /** Waits for so many packets. */
    SoundOnTheWire(final int packets) {
        this(packets, ANY);
    }

    /** Waits for so many packets of one epoch, and keeps them. */
    SoundOnTheWire(final int packets, final long epoch) {
        wanted = new CountDownLatch(packets);
        most = packets;
        this.epoch = epoch;
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
            final long key = kidBytes == 0 ? config >> 4 : number(buffer, payloadOffset + 1, kidBytes);
            keys.add(key);
            if (epoch != ANY && key >> EPOCH_SHIFT != epoch) {
                return;
            }
            if (messages.size() < most) {
                final byte[] message = new byte[payloadLength];
                buffer.getBytes(payloadOffset, message);
                messages.add('"' + Base64.getUrlEncoder().withoutPadding().encodeToString(message) + '"');
            }
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

    /** The packets that were waited for, as a JSON list of base64url. */
    synchronized String messages() {
        return messages.toString();
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
