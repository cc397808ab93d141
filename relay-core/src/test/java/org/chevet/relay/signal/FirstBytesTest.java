package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What becomes of a connection before it is known what it speaks. */
class FirstBytesTest {
    private final SignalStats stats = new SignalStats();
    private final Logger logger = (Logger) LoggerFactory.getLogger(SignalServer.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final FakeDoor door = new FakeDoor();
    private final EmbeddedChannel channel = new EmbeddedChannel(
        new FirstBytes(null, stats, new MediaEntry(door, stats), context -> { })) {
        @Override
        protected SocketAddress remoteAddress0() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 5000);
        }
    };

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void end() {
        logger.detachAppender(log);
        channel.finishAndReleaseAll();
        door.close();
    }

    @Test
    void aFaultIsLoggedAndABrokenConnectionIsNot() {
        final EmbeddedChannel broken = new EmbeddedChannel(
            new FirstBytes(null, stats, new MediaEntry(door, stats), context -> { }));
        broken.pipeline().fireExceptionCaught(new IOException("reset by peer"));
        assertFalse(broken.isOpen());
        assertEquals(0, log.list.size());
        channel.pipeline().fireExceptionCaught(new IllegalStateException("secret"));
        assertFalse(channel.isOpen());
        assertEquals(1, log.list.size());
        final String line = log.list.getFirst().getFormattedMessage();
        assertTrue(line.contains("IllegalStateException") && !line.contains("secret"), line);
    }

    @Test
    void aClientThatDoesNotBringItsWholeCheckInTimeIsCounted() {
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {0, 80, 0}));
        assertTrue(channel.isOpen());
        channel.pipeline().fireUserEventTriggered(ConnectionGuard.Late.REQUEST);
        assertFalse(channel.isOpen());
        assertEquals(1, stats.counted(SignalCounter.MEDIA_CONNECTIONS_REFUSED));
    }
}
