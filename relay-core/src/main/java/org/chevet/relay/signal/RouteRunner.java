package org.chevet.relay.signal;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/** Finds the {@link HttpRoute} of a path and runs it on a virtual thread, a bounded number at once. */
final class RouteRunner {
    private final List<HttpRoute> routes;
    private final Semaphore permits;
    private final SignalStats stats;

    RouteRunner(final List<HttpRoute> routes, final int maxCalls, final SignalStats stats) {
        this.routes = routes.stream()
            .sorted(Comparator.comparingInt((HttpRoute route) -> route.path().length()).reversed()).toList();
        this.permits = new Semaphore(maxCalls);
        this.stats = stats;
    }

    /** The route with the longest match. */
    Optional<HttpRoute> find(final String path) {
        return routes.stream().filter(route -> route.path().endsWith("/") ? path.startsWith(route.path())
            : path.equals(route.path())).findFirst();
    }

    CompletableFuture<Response> run(final HttpRoute route, final Call call, final Executor loop)
        throws ProblemException {
        if (!permits.tryAcquire()) {
            throw Problems.unavailable("too many requests of this kind are under way");
        }
        final CompletableFuture<Response> future = new CompletableFuture<>();
        final HttpRoute.Request request = new HttpRoute.Request(call.method(), call.target().path(),
            call.firstParameters(), call.firstHeaders(), call.body());
        Thread.ofVirtual().name("chevet-route").start(() -> {
            try {
                final Response response = responseOf(route.handle(request));
                onLoop(loop, () -> future.complete(response));
            } catch (RuntimeException | Error e) {
                stats.count(SignalCounter.ROUTE_ERRORS);
                Faults.log("route " + route.path(), e);
                onLoop(loop, () -> future.completeExceptionally(Problems.internal()));
            } finally {
                permits.release();
            }
        });
        return future;
    }

    private static void onLoop(final Executor loop, final Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException closed) {
            Faults.late();
        }
    }

    private static Response responseOf(final HttpRoute.Reply reply) {
        if (reply.status() == 404 && reply.body().length == 0) {
            return Problems.response(ProblemType.NO_SUCH_PATH, "there is nothing at this path", Map.of());
        }
        final Map<String, String> headers = new TreeMap<>();
        reply.headers().forEach((name, value) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), value));
        return new Response(reply.status(), headers, reply.body(), null);
    }
}
