package org.chevet.relay.signal;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * What signalling itself must remember of media connections between requests: whose they are and their entity tag.
 *
 * <p>Bounded: beyond {@link #MAX} the oldest is forgotten here (DELETE still reaches the lane). Safe on any thread.
 */
final class MediaResources {
    /** Bound on remembered resources. */
    static final int MAX = 65_536;

    /** Steps that wait for others of the same resource. */
    static final int MAX_WAITING = 4;

    private final Map<String, Resource> resources = new LinkedHashMap<>();
    private final Map<String, Turn> turns = new HashMap<>();

    /**
     * The last step that was asked for of a resource.
     *
     * @param done completes when it has ended; never fails
     * @param waiting how many were before it
     */
    private record Turn(CompletableFuture<Void> done, int waiting) {
    }

    /**
     * One resource.
     *
     * @param publisher true for WHIP
     * @param entityTag of its ICE session, with quotes; a restart makes a new one
     * @param remoteUfrag ICE user fragment of the client in that session
     * @param formerUfrag the client's one before the last restart, "" before any
     * @param head lines a fragment of this resource starts with
     * @param restarted body of the last restart's response, "" before any
     */
    record Resource(String id, String consultation, String participant, boolean publisher, String entityTag,
        String remoteUfrag, String formerUfrag, String head, String restarted) {

        /** The same resource in its next ICE session. */
        Resource restart(final String newTag, final String newUfrag, final String response) {
            return new Resource(id, consultation, participant, publisher, newTag, newUfrag, remoteUfrag, head,
                response);
        }
    }

    /** What is done to a resource in its turn. */
    @FunctionalInterface
    interface Step<T> {
        CompletableFuture<T> run() throws ProblemException;
    }

    /**
     * Runs a step when those asked for before have ended, whether well or not: at once when there are none.
     *
     * @param loop where it runs when it had to wait
     * @throws ProblemException when too many wait already, or by the step when it runs at once
     */
    <T> CompletableFuture<T> inTurn(final String id, final Step<T> step, final Executor loop)
        throws ProblemException {
        final CompletableFuture<Void> done = new CompletableFuture<>();
        final Turn before;
        synchronized (turns) {
            before = turns.get(id);
            if (before != null && before.waiting >= MAX_WAITING) {
                throw new ProblemException(ProblemType.TOO_MANY_REQUESTS,
                    "too many requests wait for an ICE restart of this resource");
            }
            turns.put(id, new Turn(done, before == null ? 0 : before.waiting + 1));
        }
        boolean started = false;
        try {
            final CompletableFuture<T> work = before == null ? step.run()
                : before.done.thenComposeAsync(ready -> later(step), loop);
            started = true;
            return work.whenComplete((value, failure) -> end(id, done));
        } finally {
            if (!started) {
                end(id, done);
            }
        }
    }

    private static <T> CompletableFuture<T> later(final Step<T> step) {
        try {
            return step.run();
        } catch (ProblemException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void end(final String id, final CompletableFuture<Void> done) {
        synchronized (turns) {
            turns.computeIfPresent(id, (key, last) -> last.done == done ? null : last);
        }
        done.complete(null);
    }

    synchronized void add(final Resource resource) {
        if (resources.size() >= MAX) {
            resources.remove(resources.keySet().iterator().next());
        }
        resources.put(resource.id(), resource);
    }

    /** Takes in a new state of a resource, unless it is gone. */
    synchronized void replace(final Resource resource) {
        resources.replace(resource.id(), resource);
    }

    /** The resource when it is of this consultation and participant. */
    synchronized Optional<Resource> find(final String id, final String consultation, final String participant) {
        return Optional.ofNullable(resources.get(id)).filter(resource -> resource.consultation.equals(consultation)
            && resource.participant.equals(participant));
    }

    synchronized void remove(final String id) {
        resources.remove(id);
    }

    synchronized void removeAllOf(final String consultation) {
        resources.values().removeIf(resource -> resource.consultation.equals(consultation));
    }
}
