package org.chevet.relay.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.agrona.DirectBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.lane.DatagramPort;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real sockets, both ways of using them: what arrives is what was sent, in order, from the right address. */
class LaneThreadTest {
    private static final int COPIES = 40;
    private final LaneStats stats = new LaneStats();

    @ParameterizedTest
    @CsvSource({"true, 127.0.0.1", "true, ::1", "false, 127.0.0.1", "false, ::1"})
    void everyDatagramIsAnsweredByItsCopiesInOrder(final boolean systemCalls, final String host)
        throws IOException, InterruptedException {
        final InetAddress address = InetAddress.getByName(host);
        try (LaneThread thread = thread(systemCalls);
            DatagramSocket client = new DatagramSocket(new InetSocketAddress(address, 0))) {
            final InetSocketAddress local = thread.bind(List.of(host), 0).getFirst();
            thread.run(new Repeater());
            client.setSoTimeout(5000);
            final byte[] question = new byte[900];
            question[0] = 7;
            client.send(new DatagramPacket(question, question.length, local));
            for (int i = 0; i < COPIES; i++) {
                final DatagramPacket answer = new DatagramPacket(new byte[2000], 2000);
                client.receive(answer);
                assertEquals(900, answer.getLength());
                assertEquals(7, answer.getData()[0]);
                assertEquals(i, answer.getData()[1]);
                assertEquals(local, answer.getSocketAddress());
            }
            assertEquals(1, stats.counted(Counter.DATAGRAMS_RECEIVED));
            Await.until(() -> stats.counted(Counter.DATAGRAMS_SENT) == COPIES);
            if (systemCalls) {
                assertEquals(1, stats.counted(Counter.SEND_CALLS), thread.describe());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLaneAnswersFromTheAddressItWasAskedAt(final boolean systemCalls) throws IOException {
        try (LaneThread thread = thread(systemCalls); DatagramSocket client = new DatagramSocket(0,
            InetAddress.getLoopbackAddress())) {
            final List<InetSocketAddress> locals = thread.bind(List.of("127.0.0.1", "127.0.0.2"), 0);
            assertEquals(locals.get(0).getPort(), locals.get(1).getPort());
            thread.run(new Repeater());
            client.setSoTimeout(5000);
            for (final InetSocketAddress local : List.of(locals.get(1), locals.get(0), locals.get(1))) {
                client.send(new DatagramPacket(new byte[] {1, 2}, 2, local));
                for (int i = 0; i < COPIES; i++) {
                    final DatagramPacket answer = new DatagramPacket(new byte[2000], 2000);
                    client.receive(answer);
                    assertEquals(local, answer.getSocketAddress());
                    assertEquals(i, answer.getData()[1]);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPortInUseIsNamedInTheError(final boolean systemCalls) throws IOException {
        try (LaneThread thread = thread(systemCalls);
            DatagramSocket other = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            final IOException refused = assertThrows(IOException.class,
                () -> thread.bind(List.of("127.0.0.1"), other.getLocalPort()));
            assertTrue(refused.getMessage().startsWith("media port 127.0.0.1:" + other.getLocalPort()
                + " cannot be bound: "), refused.getMessage());
            assertTrue(refused.getMessage().contains("Address already in use"), refused.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {9999})
    void aProcessorThatIsNotThereIsAnErrorAtStart(final int processor) throws IOException {
        Assumptions.assumeTrue(Posix.isAvailable(), Posix.whyNot());
        try (LaneThread thread = new LaneThread(0, stats, System::nanoTime,
            new SocketOptions(true, true, true, false, false, processor % 1024))) {
            thread.bind(List.of("127.0.0.1"), 0);
            final IOException refused = assertThrows(IOException.class, () -> thread.run(new Repeater()));
            assertTrue(refused.getMessage().contains("processor"), refused.getMessage());
        }
    }

    private LaneThread thread(final boolean systemCalls) {
        Assumptions.assumeTrue(!systemCalls || Posix.isAvailable(), Posix.whyNot());
        return new LaneThread(0, stats, System::nanoTime,
            systemCalls ? SocketOptions.defaults() : SocketOptions.portable());
    }

    /** Answers each datagram by numbered copies of it. */
    private static final class Repeater extends QuietTurns {
        private final byte[] question = new byte[2048];
        private int length;
        private int socket;
        private TransportAddress from = TransportAddress.ofIpv4(0, 0);

        @Override
        public void onDatagram(final int at, final TransportAddress sender, final DirectBuffer in, final int offset,
            final int bytes, final long receivedNs, final long nowNs) {
            assertTrue(receivedNs <= nowNs);
            in.getBytes(offset, question, 0, bytes);
            length = bytes;
            socket = at;
            from = sender;
        }

        @Override
        public void endTurn(final DatagramPort port, final long nowNs) {
            for (int i = 0; length > 0 && i < COPIES; i++) {
                question[1] = (byte) i;
                port.buffer().putBytes(port.offset(), question, 0, length);
                port.send(socket, from, length);
            }
            length = 0;
        }
    }
}
