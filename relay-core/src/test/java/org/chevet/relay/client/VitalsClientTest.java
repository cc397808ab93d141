package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.vitals.VitalsCloseCode;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.net.Await;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.vitals.VitalsHub;
import org.chevet.relay.vitals.VitalsLimits;
import org.chevet.relay.vitals.VitalsRights;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Publisher and subscriber with their real threads against a hub behind a transport that can be cut. */
class VitalsClientTest {
    private static final VitalsRights ALL = new VitalsRights(EnumSet.range(Kind.WAVEFORM, Kind.EVENT),
        EnumSet.range(Kind.WAVEFORM, Kind.EVENT));
    private static final StreamSpec ECG = StreamSpec.of("ecg", Kind.WAVEFORM, 500, 1,
        List.of(new StreamSpec.Channel(131330, "II", "mV")));
    private static final int BLOCKS = 400;

    /** A hub whose connections are direct calls under one lock. */
    private static final class Server {
        private final VitalsHub hub = new VitalsHub(VitalsLimits.defaults(), new LaneStats(), 1, 0);
        private final List<Client> clients = new ArrayList<>();
        private int lastConnection;

        synchronized void flush() {
            final UnsafeBuffer out = new UnsafeBuffer(new byte[hub.maxMessageBytes()]);
            for (final Client client : new ArrayList<>(clients)) {
                int length = hub.pollTransmit(client.connection, out, 0, System.nanoTime());
                while (length > 0) {
                    final byte[] message = new byte[length];
                    out.getBytes(0, message);
                    client.deliver(message);
                    length = hub.pollTransmit(client.connection, out, 0, System.nanoTime());
                }
                final int code = hub.closeCode(client.connection);
                if (code != 0) {
                    client.cut(code);
                }
            }
        }

        synchronized void tick() {
            hub.handleTimeout(System.nanoTime());
            flush();
        }

        /** Lets time pass for the hub until the clients' threads have done something. */
        boolean until(final BooleanSupplier condition) throws InterruptedException {
            return Await.until(() -> {
                tick();
                return condition.getAsBoolean();
            });
        }
    }

    /** One client's transport. */
    private static final class Client implements VitalsTransport {
        private final Server server;
        private final String participant;
        private @Nullable Listener listener;
        private int connection = -1;
        private int refusals;
        private boolean answered;

        Client(final Server server, final String participant) {
            this.server = server;
            this.participant = participant;
        }

        @Override
        public void connect(final Listener newListener) {
            synchronized (server) {
                server.lastConnection++;
                connection = server.lastConnection;
                listener = newListener;
                answered = false;
                server.hub.open(connection, participant, ALL, System.nanoTime());
                server.clients.add(this);
                newListener.onOpen();
                if (refusals > 0) {
                    refusals--;
                    cut(VitalsCloseCode.NOT_FOUND);
                }
            }
        }

        /** The relay is started anew, and the consultation is opened there after some tries. */
        void restart(final int tries) {
            synchronized (server) {
                refusals = tries;
                cut(1006);
            }
        }

        @Override
        public void send(final byte[] message, final Runnable done) {
            synchronized (server) {
                if (listener == null) {
                    return;
                }
                server.hub.handleMessage(connection, new UnsafeBuffer(message), 0, message.length,
                    System.nanoTime());
                server.flush();
            }
            done.run();
        }

        void deliver(final byte[] message) {
            final Listener to = listener;
            if (to != null) {
                to.onMessage(message);
                answered = true;
            }
        }

        /** The first answer of the relay on a connection is its welcome. */
        boolean isWelcomed() {
            synchronized (server) {
                return answered;
            }
        }

        void cut(final int code) {
            synchronized (server) {
                final Listener to = listener;
                listener = null;
                server.hub.close(connection, System.nanoTime());
                server.clients.remove(this);
                if (to != null) {
                    to.onClosed(code, "cut by the test");
                }
            }
        }

        @Override
        public void close() {
            cut(1006);
        }

        @Override
        public void shutdown() {
            cut(1000);
        }
    }

    @Test
    void everythingArrivesAcrossForcedReconnects() throws InterruptedException {
        final Server server = new Server();
        final Client gateway = new Client(server, "gateway");
        final Client doctor = new Client(server, "doctor");
        final List<Long> received = new CopyOnWriteArrayList<>();
        final VitalsListener listener = new VitalsListener() {
            @Override
            public Start onStream(final SubscribedStream stream) {
                return Start.beginning();
            }

            @Override
            public void onBlock(final SubscribedStream stream, final VitalsBlock block) {
                received.add(block.payload().getShort() == (short) block.sequence() ? block.sequence() : -1L);
            }
        };
        try (VitalsPublisher publisher = VitalsPublisher.start(gateway, VitalsPublisher.Options.defaults("test"));
            VitalsSubscriber subscriber = VitalsSubscriber.start(doctor, "test", listener)) {
            final Publication ecg = publisher.open(ECG);
            for (int i = 0; i < BLOCKS; i++) {
                final ByteBuffer payload = ByteBuffer.allocate(2).order(java.nio.ByteOrder.LITTLE_ENDIAN);
                payload.putShort(0, (short) i);
                assertTrue(ecg.offer(i, 1, publisher.clockNs(), 0, payload));
                if (i % 100 == 50) {
                    final int before = i - 40;
                    assertTrue(server.until(() -> received.size() > before), "some came before the cut");
                    gateway.cut(1006);
                    doctor.cut(1006);
                }
                server.tick();
            }
            assertTrue(server.until(() -> received.size() == BLOCKS), "received " + received.size());
            assertTrue(server.until(() -> ecg.heldBelow() == BLOCKS), "held below " + ecg.heldBelow());
            assertTrue(publisher.awaitHeld(Duration.ofSeconds(1)));
            assertTrue(publisher.connections() > 1 && subscriber.connections() > 1, "the links were cut");
        }
        for (int i = 0; i < BLOCKS; i++) {
            assertEquals(i, received.get(i));
        }
        assertEquals(BLOCKS, received.size());
    }

    @Test
    void aConsultationThatIsNotOpenYetAtARestartedRelayIsWaitedFor() throws InterruptedException {
        final Server server = new Server();
        final Client gateway = new Client(server, "gateway");
        final List<Boolean> retrying = new CopyOnWriteArrayList<>();
        try (VitalsPublisher publisher = VitalsPublisher.start(gateway, optionsNoting(retrying))) {
            assertTrue(server.until(gateway::isWelcomed));
            gateway.restart(3);
            assertTrue(server.until(() -> publisher.connections() == 5), "three were refused");
            assertEquals(List.of(true, true, true, true), retrying);
            assertTrue(server.until(gateway::isWelcomed));
            gateway.cut(VitalsCloseCode.NOT_FOUND);
            assertTrue(server.until(() -> retrying.size() == 5));
            assertEquals(false, retrying.getLast(), "one that has ended is not");
        }
    }

    @Test
    void aConsultationThatNeverWasIsNotWaitedFor() throws InterruptedException {
        final Server server = new Server();
        final Client gateway = new Client(server, "gateway");
        gateway.refusals = 1;
        final List<Boolean> retrying = new CopyOnWriteArrayList<>();
        try (VitalsPublisher publisher = VitalsPublisher.start(gateway, optionsNoting(retrying))) {
            assertTrue(server.until(() -> !retrying.isEmpty()));
            assertEquals(List.of(false), retrying);
            assertEquals(1, publisher.connections());
        }
    }

    private static VitalsPublisher.Options optionsNoting(final List<Boolean> retrying) {
        return VitalsPublisher.Options.defaults("test").withEvents(new VitalsEvents() {
            @Override
            public void onDisconnected(final int code, final String reason, final boolean again) {
                retrying.add(again);
            }
        });
    }

    @Test
    void mistakesOfTheCallerAreRefusedAtOnce() {
        final Client gateway = new Client(new Server(), "gateway");
        try (VitalsPublisher publisher = VitalsPublisher.start(gateway, VitalsPublisher.Options.defaults("test"))) {
            final Publication ecg = publisher.open(ECG);
            assertThrows(IllegalArgumentException.class, () -> publisher.open(ECG));
            assertThrows(IllegalArgumentException.class, () -> ecg.offer(0, 2, 0, 0, ByteBuffer.allocate(2)));
            assertThrows(IllegalArgumentException.class, () -> ecg.offer(0, 0, 0, 0, ByteBuffer.allocate(0)));
            assertThrows(IllegalArgumentException.class,
                () -> ecg.offer(0, 1, 0, VitalsBlock.MISSING, ByteBuffer.allocate(2)));
            assertTrue(ecg.offer(10, 1, 0, 0, ByteBuffer.allocate(2)));
            assertThrows(IllegalArgumentException.class, () -> ecg.offer(10, 1, 0, 0, ByteBuffer.allocate(2)));
            ecg.end();
            assertThrows(IllegalArgumentException.class, () -> ecg.offer(11, 1, 0, 0, ByteBuffer.allocate(2)));
        }
        final VitalsPublisher.Options options = VitalsPublisher.Options.defaults("test");
        assertThrows(IllegalArgumentException.class, () -> options.withRetention(Duration.ofSeconds(59), 1));
    }
}
