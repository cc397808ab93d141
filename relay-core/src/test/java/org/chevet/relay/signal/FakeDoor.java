package org.chevet.relay.signal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.lane.Outcome;
import org.chevet.relay.lane.PeerSpec;
import org.chevet.relay.lane.Refusal.Reason;
import org.chevet.relay.lane.RelayDoor;
import org.chevet.relay.route.PublicationInfo;

/** A lane that keeps records: it completes on a thread of its own, as the real one does. */
final class FakeDoor implements RelayDoor, AutoCloseable {
    final Map<String, List<PeerSpec>> peers = new ConcurrentHashMap<>();
    final List<PublicationInfo> publications = new CopyOnWriteArrayList<>();
    final List<FakeLink> links = new CopyOnWriteArrayList<>();
    final List<String> removed = new CopyOnWriteArrayList<>();
    volatile Reason refuseAll;
    volatile boolean silent;
    volatile boolean broken;
    /** How long the lane takes to admit a peer. */
    volatile long admitDelayMs;
    private final ExecutorService lane = Executors.newSingleThreadExecutor();

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
                List.of(spec.publisher() ? "whip" : "whep"), List.of()));
        }
        return new ConsultationInfo(id, 0, roster);
    }

    @Override
    public CompletionStage<Outcome<ConsultationInfo>> open(final String consultation) {
        return onLane(() -> peers.putIfAbsent(consultation, new CopyOnWriteArrayList<>()) == null
            ? Outcome.of(info(consultation)) : Outcome.refused(Reason.CONFLICT, "the consultation is open already"));
    }

    @Override
    public CompletionStage<Outcome<ConsultationInfo>> close(final String consultation) {
        return onLane(() -> {
            final ConsultationInfo last = info(consultation);
            return peers.remove(consultation) == null ? unknown() : Outcome.of(last);
        });
    }

    @Override
    public CompletionStage<Outcome<ConsultationInfo>> consultation(final String consultation) {
        return onLane(() -> peers.containsKey(consultation) ? Outcome.of(info(consultation)) : unknown());
    }

    @Override
    public CompletionStage<Outcome<MediaOffer>> media(final String consultation, final String participant) {
        return onLane(() -> peers.containsKey(consultation)
            ? Outcome.of(new MediaOffer(List.copyOf(publications), AnswerFixtures.ADDRESSES)) : unknown());
    }

    @Override
    public CompletionStage<Outcome<PeerSpec>> addPeer(final PeerSpec spec) {
        return onLane(() -> {
            pause();
            final List<PeerSpec> there = peers.get(spec.claims().consultation());
            if (there == null) {
                return unknown();
            }
            if (spec.publisher() && there.stream().anyMatch(other -> other.publisher()
                && other.claims().participant().equals(spec.claims().participant()))) {
                return Outcome.refused(Reason.CONFLICT, "this participant is publishing already");
            }
            there.add(spec);
            return Outcome.of(spec);
        });
    }

    private void pause() {
        try {
            Thread.sleep(admitDelayMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
    public CompletionStage<Outcome<Link>> attachVitals(final Claims claims, final LinkClient client) {
        return attach(claims, client);
    }

    @Override
    public CompletionStage<Outcome<Link>> attachSession(final Claims claims, final LinkClient client) {
        return attach(claims, client);
    }

    private CompletionStage<Outcome<Link>> attach(final Claims claims, final LinkClient client) {
        return onLane(() -> {
            if (!peers.containsKey(claims.consultation())) {
                return unknown();
            }
            final FakeLink link = new FakeLink(client);
            links.add(link);
            return Outcome.of(link);
        });
    }

    @Override
    public void close() {
        lane.shutdownNow();
    }

    /** Keeps what it receives. */
    static final class FakeLink implements Link {
        final LinkClient client;
        final List<byte[]> received = new CopyOnWriteArrayList<>();
        volatile boolean full;
        volatile boolean closed;
        final AtomicInteger writableCalls = new AtomicInteger();

        FakeLink(final LinkClient client) {
            this.client = client;
        }

        @Override
        public boolean receive(final byte[] message, final int offset, final int length) {
            if (full) {
                return false;
            }
            received.add(java.util.Arrays.copyOfRange(message, offset, offset + length));
            return true;
        }

        @Override
        public void writable() {
            writableCalls.incrementAndGet();
        }

        @Override
        public void closed() {
            closed = true;
        }
    }
}
