package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.lane.MediaStreams;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A media connection on its lane, without a network: datagrams both ways, back-pressure, and its end. */
class MediaConnectionTest {
    private static final byte[] DATAGRAM = {9, 8, 7};

    private final Lane lane = new Lane();
    private final SignalStats stats = new SignalStats();
    private final MediaGate gate = new MediaGate(stats);
    private final EmbeddedChannel channel = open();
    private MediaConnection connection;

    @BeforeEach
    void begin() {
        channel.freezeTime();
        connection = new MediaConnection(lane, assertPlace(), stats);
        channel.pipeline().addLast(connection);
        connection.start(channel.pipeline().context(connection), bytes("000101" + "0002"));
    }

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
    }

    private static EmbeddedChannel open() {
        return new EmbeddedChannel() {
            @Override
            protected SocketAddress remoteAddress0() {
                return new InetSocketAddress(InetAddress.getLoopbackAddress(), 5000);
            }
        };
    }

    private MediaGate.Place assertPlace() {
        final MediaGate.Place place = gate.enter(channel);
        assertNotNull(place);
        return place;
    }

    private void pass(final int ms) {
        for (int i = 0; i < ms; i += 500) {
            channel.advanceTimeBy(500, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private static ByteBuf bytes(final String hex) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));
    }

    private boolean send() {
        return connection.send(new UnsafeBuffer(DATAGRAM), 0, DATAGRAM.length);
    }

    @Test
    void datagramsGoBothWays() {
        assertEquals(List.of("01"), lane.received);
        channel.writeInbound(bytes("0203" + "000104"));
        assertEquals(List.of("01", "0203", "04"), lane.received);
        assertEquals(2, lane.batches, "one turn per read");
        assertTrue(send());
        assertTrue(send());
        assertNull(channel.readOutbound(), "nothing leaves before the turn ends");
        connection.flush();
        final ByteBuf out = channel.readOutbound();
        assertEquals("0003090807" + "0003090807", ByteBufUtil.hexDump(out));
        out.release();
    }

    @Test
    void aClientThatTakesNothingGetsNothingQueued() {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        assertFalse(send());
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        assertTrue(send());
    }

    @Test
    void withoutAnAuthenticatedCheckItEndsAfterTenSeconds() {
        pass(9_500);
        assertTrue(channel.isOpen());
        assertEquals(1, gate.waiting());
        pass(500);
        assertFalse(channel.isOpen());
        assertEquals(0, gate.waiting());
        assertEquals(List.of(7), lane.detached);
    }

    @Test
    void aValidatedOneStaysAsLongAsItsPeer() {
        lane.bound = true;
        pass(60_000);
        assertTrue(channel.isOpen());
        assertEquals(0, gate.waiting(), "its place is free");
        lane.bound = false;
        pass(10_000);
        assertFalse(channel.isOpen());
        assertFalse(send(), "nobody is there");
        assertEquals(0, refused(), "it was of use");
    }

    @Test
    void aLengthBeyondTheBoundEndsIt() {
        channel.writeInbound(bytes("0203" + "FFFF"));
        assertFalse(channel.isOpen());
        assertEquals(List.of("01", "0203"), lane.received);
        assertEquals(1, refused());
    }

    @Test
    void eachRefusalIsCounted() {
        pass(10_000);
        assertEquals(1, refused(), "no check was authenticated in time");
        lane.socket = MediaStreams.NONE;
        final EmbeddedChannel other = open();
        connection = new MediaConnection(lane, assertPlace(), stats);
        other.pipeline().addLast(connection);
        connection.start(other.pipeline().context(connection), bytes("000101"));
        assertFalse(other.isOpen());
        assertEquals(2, refused(), "the lane takes no more");
    }

    private long refused() {
        return stats.counted(SignalCounter.MEDIA_CONNECTIONS_REFUSED);
    }

    /** A lane that writes down what it is told. */
    private static final class Lane implements MediaStreams {
        private final List<String> received = new ArrayList<>();
        private final List<Integer> detached = new ArrayList<>();
        private boolean bound;
        private int socket = 7;
        private int batches;

        @Override
        public Executor loop() {
            return Runnable::run;
        }

        @Override
        public int attach(final End end) {
            return socket;
        }

        @Override
        public void receive(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
            final int length) {
            final byte[] datagram = new byte[length];
            in.getBytes(offset, datagram);
            received.add(HexFormat.of().formatHex(datagram));
        }

        @Override
        public void endOfBatch() {
            batches++;
        }

        @Override
        public boolean isBound(final int socket) {
            return bound;
        }

        @Override
        public void detach(final int socket) {
            detached.add(socket);
        }
    }
}
