package org.chevet.relay.signal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.chevet.relay.lane.Outcome;
import org.chevet.relay.lane.Refusal;

/** Asks lanes with a time limit, and brings the answer back to the caller's event loop. */
final class Door {
    private final long timeoutMs;

    Door(final long timeoutMs) {
        this.timeoutMs = timeoutMs;
    }

    /** The value, on the loop; or a {@link CompletionException} around a {@link ProblemException}. */
    <T> CompletableFuture<T> ask(final CompletionStage<Outcome<T>> stage, final Executor loop) {
        return stage.toCompletableFuture().copy().orTimeout(timeoutMs, TimeUnit.MILLISECONDS)
            .handleAsync(Door::valueOf, loop);
    }

    /** A step that may refuse, as a function of futures. */
    interface Step<T, R> {
        R apply(T value) throws ProblemException;
    }

    /** Applies a step; its refusal becomes the future's. */
    static <T, R> CompletableFuture<R> then(final CompletableFuture<T> future, final Step<T, R> step) {
        return future.thenApply(value -> {
            try {
                return step.apply(value);
            } catch (ProblemException e) {
                throw new CompletionException(e);
            }
        });
    }

    /** The refusal inside of a failure; anything else is a bug and null. */
    static ProblemException problemOf(final Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof ProblemException problem) {
            return problem;
        }
        if (cause instanceof TimeoutException) {
            return Problems.unavailable("the lane of this consultation did not answer in time");
        }
        Faults.log("request", cause);
        return Problems.internal();
    }

    private static <T> T valueOf(final Outcome<T> outcome, final Throwable failure) {
        if (failure != null) {
            throw failure instanceof CompletionException wrapped ? wrapped : new CompletionException(failure);
        }
        final Refusal refusal = outcome.refusal();
        final T value = outcome.value();
        if (refusal != null || value == null) {
            throw new CompletionException(refusal == null ? Problems.internal() : Problems.of(refusal));
        }
        return value;
    }
}
