package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.lane.IceCredentials;
import org.chevet.relay.lane.MediaAddresses;
import org.chevet.relay.lane.MediaStreams;
import org.chevet.relay.lane.Outcome;
import org.chevet.relay.lane.PeerSpec;
import org.chevet.relay.lane.Refusal.Reason;
import org.chevet.relay.lane.RelayDoor;
import org.chevet.relay.lane.SessionRequest;
import org.chevet.relay.route.PublicationInfo;
import org.jspecify.annotations.Nullable;

/** A lane that keeps records: it completes on a thread of its own, as the real one does. */
final class FakeDoor implements RelayDoor, AutoCloseable {
    final Map<String, List<PeerSpec>> peers = new ConcurrentHashMap<>();
    final List<PublicationInfo> publications = new CopyOnWriteArrayList<>();
    final List<FakeLink> links = new CopyOnWriteArrayList<>();
    final List<FakeVitals> vitals = new CopyOnWriteArrayList<>();
    final List<IceCredentials> restarts = new CopyOnWriteArrayList<>();
    final AtomicInteger restartsAsked = new AtomicInteger();
    private final Map<String, Runnable> ends = new ConcurrentHashMap<>();
    /** Restarts are answered once this is done. */
    volatile CompletableFuture<?> restarting = CompletableFuture.completedFuture(null);
    final List<String> removed = new CopyOnWriteArrayList<>();
    volatile Reason refuseAll;
    volatile boolean silent;
    /** Of consultations that are opened without a policy of their own. */
    volatile EndToEndPolicy policy = EndToEndPolicy.ALLOWED;
    private final Map<String, EndToEndPolicy> policies = new ConcurrentHashMap<>();
    volatile boolean broken;
    /** The lane admits peers once this is done. */
    volatile CompletableFuture<?> admission = CompletableFuture.completedFuture(null);
    private final EventLoopGroup lanes = new MultiThreadIoEventLoopGroup(1,
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    private final EventLoop lane = lanes.next();

    private <T> CompletionStage<Outcome<T>> onLane(final Supplier<Outcome<T>> work) {
        if (silent) {
            return new CompletableFuture<>();
        }
        final Reason reason = refuseAll;
        return CompletableFuture.supplyAsync(() -> {
            if (broken) {
                throw new IllegalStateException("secret-in-message");
            }
            return reason == null ? work.get() : Outcome.refused(reason, "refused by the fake lane");
        }, lane);
    }

    private <T> Outcome<T> unknown() {
        return Outcome.refused(Reason.NOT_FOUND, "there is no such consultation");
    }

    private ConsultationInfo info(final String id) {
        final List<RosterEntry> roster = new ArrayList<>();
        for (final PeerSpec spec : peers.getOrDefault(id, List.of())) {
            roster.add(new RosterEntry(spec.claims().participant(), spec.claims().role().claim(), spec.claims().name(),
                List.of(spec.publisher() ? "whip" : "whep"), List.of(), false, null));
        }
        return new ConsultationInfo(id, 0, policies.getOrDefault(id, policy), roster);
    }

    @Override
    public CompletionStage<Outcome<ConsultationInfo>> open(final String consultation,
        final @Nullable EndToEndPolicy asked) {
        return onLane(() -> {
            if (peers.putIfAbsent(consultation, new CopyOnWriteArrayList<>()) != null) {
                return Outcome.refused(Reason.CONFLICT, "the consultation is open already");
            }
            if (asked != null) {
                policies.put(consultation, asked);
            }
            return Outcome.of(info(consultation));
        });
    }

    @Override
    public CompletionStage<Outcome<ConsultationInfo>> close(final String consultation) {
        return onLane(() -> {
            final ConsultationInfo last = info(consultation);
            return peers.remove(consultation) == null ? unknown() : Outcome.of(last);
        });
    }

    @Override
    public CompletionStage<Outcome<String>> evict(final String consultation, final String participant) {
        return onLane(() -> {
            if (!peers.containsKey(consultation)) {
                return unknown();
            }
            removed.add(participant);
            return Outcome.of(participant);
        });
    }

    @Override
    public CompletionStage<Outcome<ConsultationInfo>> consultation(final String consultation) {
        return onLane(() -> peers.containsKey(consultation) ? Outcome.of(info(consultation)) : unknown());
    }

    @Override
    public CompletionStage<Outcome<MediaOffer>> media(final String consultation, final String receiver,
        final String from, final int session) {
        return onLane(() -> peers.containsKey(consultation)
            ? Outcome.of(new MediaOffer(List.copyOf(publications), AnswerFixtures.ADDRESSES,
            policies.getOrDefault(consultation, policy))) : unknown());
    }

    @Override
    public CompletionStage<Outcome<PeerSpec>> addPeer(final PeerSpec spec, final Runnable ended) {
        return onLane(() -> {
            admission.join();
            final List<PeerSpec> there = peers.get(spec.claims().consultation());
            if (there == null) {
                return unknown();
            }
            if (spec.publisher() && there.stream().anyMatch(other -> other.publisher()
                && other.claims().participant().equals(spec.claims().participant()))) {
                return Outcome.refused(Reason.CONFLICT, "this participant is publishing already");
            }
            there.add(spec);
            ends.put(spec.resource(), ended);
            return Outcome.of(spec);
        });
    }

    /** A peer fell silent for too long: the lane says so. */
    void expire(final String resource) {
        final Runnable ended = ends.remove(resource);
        lane.submit(() -> {
            peers.values().forEach(there -> there.removeIf(spec -> spec.resource().equals(resource)));
            ended.run();
        }).syncUninterruptibly();
    }

    @Override
    public CompletionStage<Outcome<String>> removePeer(final String consultation, final String participant,
        final String resource) {
        return onLane(() -> {
            final boolean was = peers.getOrDefault(consultation, new ArrayList<>()).removeIf(spec ->
                spec.resource().equals(resource) && spec.claims().participant().equals(participant));
            if (was) {
                removed.add(resource);
            }
            return was ? Outcome.of(resource) : Outcome.refused(Reason.NOT_FOUND, "there is no such resource");
        });
    }

    @Override
    public CompletionStage<Outcome<MediaAddresses>> restartIce(final String consultation, final String participant,
        final String resource, final IceCredentials local) {
        restartsAsked.incrementAndGet();
        return restarting.thenCompose(ready -> onLane(() -> {
            if (peers.getOrDefault(consultation, List.of()).stream().noneMatch(spec ->
                spec.resource().equals(resource) && spec.claims().participant().equals(participant))) {
                return Outcome.refused(Reason.NOT_FOUND, "there is no such resource");
            }
            restarts.add(local);
            return Outcome.of(AnswerFixtures.ADDRESSES);
        }));
    }

    @Override
    public List<Executor> loops() {
        return List.of(lane);
    }

    @Override
    public Executor loopOf(final String consultation) {
        return peers.containsKey(consultation) ? lane : null;
    }

    @Override
    public MediaStreams streamsOf(final DirectBuffer in, final int offset, final int length) {
        return null;
    }

    @Override
    public CompletionStage<Outcome<VitalsLink>> attachVitals(final Claims claims, final VitalsClient client,
        final Executor loop) {
        return onLane(() -> {
            assertSame(lane, loop);
            if (!peers.containsKey(claims.consultation())) {
                return unknown();
            }
            final FakeVitals link = new FakeVitals(lane, client);
            vitals.add(link);
            return Outcome.of(link);
        });
    }

    @Override
    public CompletionStage<Outcome<Link>> attachSession(final Claims claims, final String resumeToken,
        final LinkClient client) {
        return onLane(() -> {
            if (!peers.containsKey(claims.consultation())) {
                return unknown();
            }
            final FakeLink link = new FakeLink(links.size() + 1, resumeToken, client);
            links.add(link);
            return Outcome.of(link);
        });
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // nothing waits for the thread's end
    public void close() {
        lanes.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** Keeps what it receives. */
    static final class FakeLink implements Link {
        final int number;
        final String resumeToken;
        final LinkClient client;
        final List<SessionRequest> received = new CopyOnWriteArrayList<>();
        volatile boolean full;
        volatile boolean closed;
        volatile Ending ending;

        FakeLink(final int number, final String resumeToken, final LinkClient client) {
            this.number = number;
            this.resumeToken = resumeToken;
            this.client = client;
        }

        @Override
        public int number() {
            return number;
        }

        @Override
        public boolean receive(final SessionRequest request) {
            if (full) {
                return false;
            }
            received.add(request);
            return true;
        }

        @Override
        public void closed(final Ending how) {
            ending = how;
            closed = true;
        }
    }

    /** Keeps what it receives; checks that only the lane's thread touches it. */
    static final class FakeVitals implements VitalsLink {
        final List<byte[]> received = new CopyOnWriteArrayList<>();
        final AtomicInteger batches = new AtomicInteger();
        final AtomicInteger writableCalls = new AtomicInteger();
        volatile boolean closed;
        private final EventLoop lane;
        private final VitalsClient client;

        FakeVitals(final EventLoop lane, final VitalsClient client) {
            this.lane = lane;
            this.client = client;
        }

        /** Does something with the client on the lane's thread, and waits for it. */
        <T> T onLane(final Function<VitalsClient, T> work) {
            return lane.submit(() -> work.apply(client)).syncUninterruptibly().getNow();
        }

        /** Sends messages in one batch. */
        void send(final byte[]... messages) {
            onLane(to -> {
                for (final byte[] message : messages) {
                    final int at = to.claim(message.length);
                    to.buffer().putBytes(at, message);
                    to.send(message.length);
                }
                to.flush();
                return null;
            });
        }

        @Override
        public void receive(final DirectBuffer in, final int offset, final int length) {
            assertTrue(lane.inEventLoop(), "on the lane's thread");
            final byte[] message = new byte[length];
            in.getBytes(offset, message);
            received.add(message);
        }

        @Override
        public void endOfBatch() {
            assertTrue(lane.inEventLoop(), "on the lane's thread");
            batches.incrementAndGet();
        }

        @Override
        public void writable() {
            assertTrue(lane.inEventLoop(), "on the lane's thread");
            writableCalls.incrementAndGet();
        }

        @Override
        public void closed() {
            assertTrue(lane.inEventLoop(), "on the lane's thread");
            closed = true;
        }
    }
}
