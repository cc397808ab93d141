package org.chevet.relay.lane;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.agrona.DirectBuffer;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.jspecify.annotations.Nullable;

/**
 * All lanes seen from signalling: places consultations and hands every request to the lane of its consultation.
 *
 * <p>Safe on any thread. Which lane a consultation is on never changes while it is open.
 */
public final class Lanes implements RelayDoor {
    private static final String NO_CONSULTATION = "There is no open consultation of this id.";
    private static final String BUSY = "The relay is too busy to take this request now.";

    private final List<Member> members;
    private final int maxConsultations;
    private final Map<String, Integer> placement = new ConcurrentHashMap<>();
    private final AtomicIntegerArray load;
    private final AtomicInteger open = new AtomicInteger();

    /**
     * Joins lanes under one door.
     *
     * @param members the lanes with their doors
     * @param maxConsultations bound on open consultations of the whole relay
     */
    public Lanes(final List<Member> members, final int maxConsultations) {
        this.members = List.copyOf(members);
        this.maxConsultations = maxConsultations;
        this.load = new AtomicIntegerArray(members.size());
    }

    /**
     * One lane and the way into it.
     *
     * @param lane touched on its own thread only
     * @param proxy its door
     * @param loop its thread
     * @param streams its TCP connections, null when it has none
     */
    public record Member(Lane lane, LaneProxy proxy, Executor loop, @Nullable MediaStreams streams) {
        /** UDP only. */
        public Member(final Lane lane, final LaneProxy proxy, final Executor loop) {
            this(lane, proxy, loop, null);
        }

    }

    /** What is asked of a lane, on its thread. */
    @FunctionalInterface
    private interface Request<T> {
        Outcome<T> run(Lane lane, long nowNs);
    }

    @Override
    public CompletionStage<Outcome<ConsultationInfo>> open(final String consultation,
        final @Nullable EndToEndPolicy policy) {
        final int index = leastLoaded();
        if (open.incrementAndGet() > maxConsultations) {
            open.decrementAndGet();
            return refused(Refusal.Reason.EXHAUSTED,
                "The relay holds its maximum of " + maxConsultations + " consultations.");
        }
        if (placement.putIfAbsent(consultation, index) != null) {
            open.decrementAndGet();
            return refused(Refusal.Reason.CONFLICT, "A consultation of this id is open already.");
        }
        load.incrementAndGet(index);
        final CompletionStage<Outcome<ConsultationInfo>> opened =
            ask(index, (lane, nowNs) -> lane.open(consultation, policy));
        return opened.whenComplete((outcome, fault) -> {
            if (outcome == null || outcome.refusal() != null) {
                forget(consultation, index);
            }
        });
    }

    @Override
    public CompletionStage<Outcome<ConsultationInfo>> close(final String consultation) {
        final Integer index = placement.get(consultation);
        if (index == null) {
            return refused(Refusal.Reason.NOT_FOUND, NO_CONSULTATION);
        }
        final CompletionStage<Outcome<ConsultationInfo>> closed =
            ask(index, (lane, nowNs) -> lane.close(consultation, nowNs));
        return closed.whenComplete((outcome, fault) -> {
            if (outcome != null && outcome.refusal() == null) {
                forget(consultation, index);
            }
        });
    }

    @Override
    public CompletionStage<Outcome<String>> evict(final String consultation, final String participant) {
        return askOf(consultation, (lane, nowNs) -> lane.evict(consultation, participant, nowNs));
    }

    @Override
    public CompletionStage<Outcome<ConsultationInfo>> consultation(final String consultation) {
        return askOf(consultation, (lane, nowNs) -> lane.consultation(consultation));
    }

    @Override
    public CompletionStage<Outcome<MediaOffer>> media(final String consultation, final String receiver,
        final String from, final int session) {
        return askOf(consultation, (lane, nowNs) -> lane.media(consultation, receiver, from, session));
    }

    /** As {@link #addPeer(PeerSpec, Runnable)}, for those who need not know when it ends. */
    public CompletionStage<Outcome<PeerSpec>> addPeer(final PeerSpec spec) {
        return addPeer(spec, () -> { });
    }

    @Override
    public CompletionStage<Outcome<PeerSpec>> addPeer(final PeerSpec spec, final Runnable ended) {
        return askOf(spec.claims().consultation(), (lane, nowNs) -> lane.addPeer(spec, ended, nowNs));
    }

    @Override
    public CompletionStage<Outcome<String>> removePeer(final String consultation, final String participant,
        final String resource) {
        return askOf(consultation, (lane, nowNs) -> lane.removePeer(consultation, participant, resource, nowNs));
    }

    @Override
    public CompletionStage<Outcome<MediaAddresses>> restartIce(final String consultation, final String participant,
        final String resource, final IceCredentials local) {
        return askOf(consultation,
            (lane, nowNs) -> lane.restartIce(consultation, participant, resource, local, nowNs));
    }

    @Override
    public List<Executor> loops() {
        return members.stream().map(Member::loop).toList();
    }

    @Override
    public @Nullable Executor loopOf(final String consultation) {
        final Integer index = placement.get(consultation);
        return index == null ? null : members.get(index).loop();
    }

    @Override
    public @Nullable MediaStreams streamsOf(final DirectBuffer in, final int offset, final int length) {
        final String ufrag = new StunUsers().localUfrag(in, offset, length);
        final Integer lane = ufrag == null ? null : members.getFirst().lane().steering().laneOf(ufrag);
        return lane == null ? null : members.get(lane).streams();
    }

    @Override
    public CompletionStage<Outcome<VitalsLink>> attachVitals(final Claims claims, final VitalsClient client,
        final Executor loop) {
        final Integer index = placement.get(claims.consultation());
        if (index == null || members.get(index).loop() != loop) {
            return refused(Refusal.Reason.NOT_FOUND, NO_CONSULTATION);
        }
        return ask(index, (lane, nowNs) -> lane.attachVitals(claims, client, nowNs));
    }

    @Override
    public CompletionStage<Outcome<Link>> attachSession(final Claims claims, final String resumeToken,
        final LinkClient client) {
        return askOf(claims.consultation(), (lane, nowNs) -> lane.attachSession(claims, resumeToken, client, nowNs));
    }

    private <T> CompletionStage<Outcome<T>> askOf(final String consultation, final Request<T> request) {
        final Integer index = placement.get(consultation);
        return index == null ? refused(Refusal.Reason.NOT_FOUND, NO_CONSULTATION) : ask(index, request);
    }

    private <T> CompletionStage<Outcome<T>> ask(final int index, final Request<T> request) {
        final Member member = members.get(index);
        final CompletableFuture<Outcome<T>> answer = new CompletableFuture<>();
        final boolean taken = member.proxy().offer(nowNs -> {
            try {
                answer.complete(request.run(member.lane(), nowNs));
            } catch (RuntimeException fault) {
                // A broken assumption ends this request, not the lane; signalling answers 500 without the cause.
                member.lane().onFault("request", fault);
                answer.completeExceptionally(fault);
            }
        });
        return taken ? answer : refused(Refusal.Reason.UNAVAILABLE, BUSY);
    }

    private int leastLoaded() {
        int best = 0;
        for (int i = 1; i < members.size(); i++) {
            if (load.get(i) < load.get(best)) {
                best = i;
            }
        }
        return best;
    }

    private void forget(final String consultation, final int index) {
        if (placement.remove(consultation, index)) {
            load.decrementAndGet(index);
            open.decrementAndGet();
        }
    }

    private static <T> CompletionStage<Outcome<T>> refused(final Refusal.Reason reason, final String detail) {
        return CompletableFuture.completedFuture(Outcome.refused(reason, detail));
    }
}
