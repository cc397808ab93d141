package org.chevet.relay.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.sctp.ChunkType;
import org.chevet.codec.sctp.DcepOpen;
import org.chevet.codec.sctp.InitChunk;
import org.chevet.codec.sctp.SctpPacket;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Channels as browsers use them, over a pipe that may lose packets. */
class DataChannelsTest {
    private static final long MS = 1_000_000L;
    private static final Path INITS =
        Path.of("..", "codec", "src", "test", "resources", "fixtures", "sctp", "init.hex");

    private final SplittableRandom random = new SplittableRandom(42);
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[1500]);
    private final Side client = new Side(true);
    private final Side server = new Side(false);
    private long nowNs = MS;
    private double loss;

    /** One peer. */
    private final class Side implements DataChannelListener {
        final LaneStats stats = new LaneStats();
        final DataChannels channels;
        final List<DataChannel> opened = new ArrayList<>();
        final List<DataChannel> closed = new ArrayList<>();
        final List<DataChannel> low = new ArrayList<>();
        final List<String> messages = new ArrayList<>();
        SctpListener.@Nullable End end;
        boolean keeps = true;
        long bytes;
        int ready;

        Side(final boolean dtlsClient) {
            channels = new DataChannels(SctpConfig.DEFAULT, dtlsClient, this, stats, random.split());
        }

        @Override
        public void onReady() {
            ready++;
        }

        @Override
        public void onOpen(final DataChannel channel) {
            opened.add(channel);
        }

        @Override
        public void onMessage(final DataChannel channel, final boolean binary, final DirectBuffer buffer,
            final int offset, final int length) {
            bytes += length;
            if (keeps) {
                messages.add(channel.label() + (binary ? " b:" : " t:")
                    + buffer.getStringWithoutLengthUtf8(offset, length));
            }
        }

        @Override
        public void onBufferedAmountLow(final DataChannel channel) {
            if (keeps) {
                low.add(channel);
            }
        }

        @Override
        public void onClosed(final DataChannel channel) {
            closed.add(channel);
        }

        @Override
        public void onEnd(final SctpListener.End reason) {
            end = reason;
        }

        int send(final DataChannel channel, final String text) {
            final UnsafeBuffer bytesOfText = new UnsafeBuffer(text.getBytes(StandardCharsets.UTF_8));
            return channels.send(channel, false, bytesOfText, 0, bytesOfText.capacity(), nowNs);
        }
    }

    private boolean move(final Side from, final Side to) {
        boolean moved = false;
        for (int length = from.channels.association().pollTransmit(out, 0, nowNs); length > 0;
            length = from.channels.association().pollTransmit(out, 0, nowNs)) {
            moved = true;
            if (random.nextDouble() >= loss) {
                to.channels.association().handlePacket(out, 0, length, nowNs + MS);
            }
        }
        return moved;
    }

    private boolean moveBoth() {
        final boolean there = move(client, server);
        final boolean back = move(server, client);
        return there || back;
    }

    private static String label(final Side side, final int id) {
        final DataChannel channel = side.channels.find(id);
        return channel == null ? "" : channel.label();
    }

    /** Moves packets for some time. */
    private void run(final long durationMs) {
        final long endNs = nowNs + durationMs * MS;
        while (true) {
            while (moveBoth()) {
                nowNs += MS;
            }
            final SctpAssociation one = client.channels.association();
            final SctpAssociation other = server.channels.association();
            final long nextNs = Math.min(one.nextDeadlineNs(), other.nextDeadlineNs());
            if (nextNs > endNs) {
                nowNs = Math.max(nowNs, endNs);
                return;
            }
            nowNs = Math.max(nowNs, nextNs);
            one.handleTimeout(nowNs);
            other.handleTimeout(nowNs);
        }
    }

    private void connect() {
        client.channels.association().connect(nowNs);
        run(20_000);
        assertTrue(client.ready == 1 && server.ready == 1);
    }

    private static DataChannel open(final Side side, final String label) {
        final DataChannel channel =
            side.channels.open(label, "p", true, SctpAssociation.PRIORITY_NORMAL, DataChannel.NO_LIMIT,
                DataChannel.NO_LIMIT);
        assertNotNull(channel);
        return channel;
    }

    @Test
    void channelsOpenFromBothSidesCarryTextAndCloseFromBothSides() {
        loss = 0.1;
        connect();
        final DataChannel even = open(client, "chat");
        final DataChannel odd = open(server, "vitals µ");
        client.send(even, "before the answer");
        run(10_000);
        assertEquals(List.of(0, 1), List.of(even.id(), odd.id()));
        assertEquals(DataChannel.State.OPEN, even.state());
        assertEquals("vitals µ", label(client, 1));
        client.send(even, "");
        server.send(odd, "x");
        run(10_000);
        assertEquals(List.of("chat t:before the answer", "chat t:"), server.messages);
        assertEquals(List.of("vitals µ t:x"), client.messages);
        client.send(even, "last");
        client.channels.close(even);
        server.channels.close(odd);
        run(60_000);
        assertEquals("chat t:last", server.messages.getLast());
        assertEquals(2, client.closed.size());
        assertEquals(2, server.closed.size());
        assertEquals(0, client.channels.size() + server.channels.size());
        assertEquals(SctpAssociation.NOT_OPEN, client.send(even, "too late"));
        // The number is free again on both sides and starts anew.
        final DataChannel again = open(client, "again");
        assertEquals(0, again.id());
        client.send(again, "1");
        run(10_000);
        assertEquals("again t:1", server.messages.getLast());
    }

    @Test
    void whatTheOpenerChoseIsKnownToTheOther() {
        connect();
        assertNotNull(client.channels.open("a", "chevet.vitals.v1", false, 1024, 3, DataChannel.NO_LIMIT));
        assertNotNull(client.channels.open("b", "", true, 128, DataChannel.NO_LIMIT, 250));
        run(1_000);
        final DataChannel a = server.opened.get(0);
        final DataChannel b = server.opened.get(1);
        assertEquals("chevet.vitals.v1", a.protocol());
        assertEquals(List.of(1024, 3, -1, 128, -1, 250), List.of(a.priority(), a.maxRetransmits(),
            a.maxPacketLifeTimeMs(), b.priority(), b.maxRetransmits(), b.maxPacketLifeTimeMs()));
        assertTrue(!a.isOrdered() && b.isOrdered());
    }

    @Test
    void negotiatedChannelsNeedNoOpening() {
        connect();
        final DataChannel here = client.channels.openNegotiated(7, "n", "", true, 256, -1, -1);
        assertNotNull(here);
        client.send(here, "unknown there");
        run(1_000);
        assertEquals(1, server.stats.dropped(DropReason.DATA_CHANNEL_UNKNOWN));
        assertNotNull(server.channels.openNegotiated(7, "n", "", true, 256, -1, -1));
        client.send(here, "known");
        run(1_000);
        assertEquals(List.of("n t:known"), server.messages);
        assertNull(client.channels.openNegotiated(7, "taken", "", true, 256, -1, -1));
        assertNull(client.channels.openNegotiated(1024, "large", "", true, 256, -1, -1));
    }

    @Test
    void boundsAndTheRulesOfNumbersAreKept() {
        connect();
        for (int i = 0; i < DataChannels.MAX_CHANNELS; i++) {
            open(client, "c" + i);
        }
        assertNull(client.channels.open("one more", "", true, 256, -1, -1));
        run(5_000);
        assertEquals(DataChannels.MAX_CHANNELS, server.channels.size());
        assertNull(server.channels.open("full", "", true, 256, -1, -1));
        assertNull(client.channels.open("x".repeat(257), "", true, 256, -1, -1));
    }

    @Test
    void whatThePeerMayNotOpenIsRefused() {
        connect();
        final UnsafeBuffer message = new UnsafeBuffer(new byte[1200]);
        // A number of the other half, a label that is too long, one that is no text, and no message at all.
        raw(3, message, DcepOpen.write(message, 0, 0, false, 256, 0, new byte[] {'a'}, new byte[0]));
        raw(4, message, DcepOpen.write(message, 0, 0, false, 256, 0, new byte[257], new byte[0]));
        raw(6, message, DcepOpen.write(message, 0, 0, false, 256, 0, new byte[] {(byte) 0xFF}, new byte[0]));
        raw(8, message, 5);
        run(5_000);
        assertEquals(3, server.stats.dropped(DropReason.DATA_CHANNEL_REFUSED));
        assertEquals(1, server.stats.dropped(DropReason.DATA_CHANNEL_MALFORMED));
        assertEquals(0, server.channels.size());
    }

    @Test
    void whoOpensNothingItselfMayTakeEveryNumber() {
        server.channels.takeEveryNumber();
        connect();
        final UnsafeBuffer message = new UnsafeBuffer(new byte[1200]);
        raw(3, message, DcepOpen.write(message, 0, 0, false, 256, 0, new byte[] {'a'}, new byte[0]));
        run(5_000);
        assertEquals("a", label(server, 3));
        raw(3, message, DcepOpen.write(message, 0, 0, false, 256, 0, new byte[] {'b'}, new byte[0]));
        run(5_000);
        assertEquals("a", label(server, 3), "a number that is in use is not");
        assertEquals(1, server.stats.dropped(DropReason.DATA_CHANNEL_REFUSED));
    }

    private void raw(final int streamId, final UnsafeBuffer message, final int length) {
        assertEquals(SctpAssociation.SENT, client.channels.association().send(streamId, DcepOpen.PPID_DCEP, message, 0,
            length, true, -1, -1, nowNs));
    }

    @Test
    void theLowWaterMarkIsSignalledOncePerFall() {
        connect();
        final DataChannel channel = open(client, "bulk");
        run(1_000);
        client.low.clear();
        client.channels.lowWater(channel, 10_000);
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[20_000]);
        for (int i = 0; i < 10; i++) {
            client.channels.send(channel, true, bytes, 0, bytes.capacity(), nowNs);
        }
        assertEquals(200_000, client.channels.bufferedAmount(channel));
        run(5_000);
        assertEquals(0, client.channels.bufferedAmount(channel));
        assertEquals(List.of(channel), client.low);
        assertEquals(200_000, server.bytes);
    }

    @Test
    void theEndOfTheAssociationClosesAllChannels() {
        connect();
        open(client, "a");
        open(server, "b");
        run(1_000);
        server.channels.association().abort();
        run(1_000);
        assertEquals(SctpListener.End.ABORTED, server.end);
        assertEquals(SctpListener.End.ABORTED_BY_PEER, client.end);
        assertEquals(2, client.closed.size());
        assertEquals(2, server.closed.size());
    }

    @Test
    void theInitOfEveryClientIsAnswered() throws IOException {
        for (final String line : Files.readAllLines(INITS)) {
            if (line.startsWith("#")) {
                continue;
            }
            final String hex = line.substring(line.lastIndexOf(' ') + 1);
            final UnsafeBuffer bytes = new UnsafeBuffer(HexFormat.of().parseHex(hex));
            final SctpAssociation association = new Side(false).channels.association();
            assertEquals(SctpAssociation.HANDLED, association.handlePacket(bytes, 0, bytes.capacity(), nowNs));
            final int length = association.pollTransmit(out, 0, nowNs);
            final SctpPacket packet = new SctpPacket();
            final InitChunk init = new InitChunk();
            assertTrue(packet.wrap(out, 0, length) && packet.isChecksumRight() && packet.next());
            assertTrue(packet.chunkType() == ChunkType.INIT_ACK && init.wrap(packet) && init.cookieLength() > 0);
            assertEquals(line.startsWith("firefox"), init.hasInterleaving());
            assertEquals(bytes.getInt(16, java.nio.ByteOrder.BIG_ENDIAN), packet.tag());
            assertEquals(0, association.pollTransmit(out, 0, nowNs));
        }
    }

    @Test
    void messagesMakeNoGarbageOnceAllIsWarm() {
        connect();
        final DataChannel channel = open(client, "vitals");
        run(1_000);
        server.keeps = false;
        client.keeps = false;
        final UnsafeBuffer small = new UnsafeBuffer(new byte[400]);
        final UnsafeBuffer large = new UnsafeBuffer(new byte[9_000]);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = 0;
        for (int i = 0; i < 6_000; i++) {
            if (i == 3_000) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
            final UnsafeBuffer message = i % 5 == 0 ? large : small;
            client.channels.send(channel, true, message, 0, message.capacity(), nowNs);
            while (moveBoth()) {
                nowNs += MS;
            }
            nowNs += 300 * MS;
            client.channels.association().handleTimeout(nowNs);
            server.channels.association().handleTimeout(nowNs);
        }
        final long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(server.bytes > 6_000 * 400L, "came: " + server.bytes);
        assertTrue(bytes < 16_384, "bytes allocated: " + bytes);
    }
}
