package org.chevet.bench.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;
import org.chevet.bench.mark.Tally;
import org.chevet.bench.mark.TrafficClass;
import org.chevet.bench.server.MediaServer;
import org.chevet.bench.server.ProcessSample;
import org.chevet.bench.server.ServerException;
import org.jspecify.annotations.Nullable;

/** A load on one server: joins everybody of a plan, measures windows, leaves. One thread calls; it blocks. */
final class Load implements AutoCloseable {
    private static final long JOIN_MS = 20_000;
    private static final long FIRST_MEDIA_MS = 10_000;
    private static final long POLL_MS = 10;
    private static final long DRAIN_MS = 300;
    private static final int AT_ONCE = 8;
    private static final long ANSWER_S = 30;

    private final MediaServer server;
    private final long pid;
    private final LoadLoop loop;
    private final Joins joins = new Joins();
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore atOnce = new Semaphore(AT_ONCE);
    private final List<Connection> connections = new ArrayList<>();
    private final List<String> rooms = new ArrayList<>();
    private @Nullable Plan plan;
    private @Nullable Devices devices;
    private int notLeft;

    private Load(final MediaServer server, final long pid, final LoadLoop loop) {
        this.server = server;
        this.pid = pid;
        this.loop = loop;
    }

    /** What is done on behalf of a caller of this class, once a semaphore's permit is there. */
    private interface Task<T> {
        T run() throws ServerException, InterruptedException;
    }

    /**
     * A load without connections.
     *
     * @param pid process of the server, 0 when it is not known
     * @param openAll as for {@link LoadLoop#start}
     * @param repairs as for {@link LoadLoop#start}
     */
    static Load on(final MediaServer server, final long pid, final boolean openAll, final boolean repairs,
        final long seed)
        throws IOException {
        return new Load(server, pid, LoadLoop.start(openAll, repairs, seed));
    }

    /** The loop, for what goes beyond plans. */
    LoadLoop loop() {
        return loop;
    }

    /** How long the joins took. */
    Joins joins() {
        return joins;
    }

    /** Everybody joined so far. */
    List<Connection> connections() {
        return List.copyOf(connections);
    }

    /** Joins everybody and waits until every receiver has got something of what it is to receive. */
    void join(final Plan newPlan) throws ServerException, InterruptedException {
        plan = newPlan;
        final List<Future<List<Connection>>> rooming = new ArrayList<>();
        for (int i = 0; i < newPlan.rooms(); i++) {
            final String room = newPlan.name() + "-" + i;
            rooms.add(room);
            rooming.add(callers.submit(() -> permitted(() -> room(newPlan, room))));
        }
        for (final Future<List<Connection>> one : rooming) {
            connections.addAll(get(one));
        }
        if (newPlan.shape().packetsPerSecond() > 0) {
            awaitMedia();
        }
        connections.forEach(joins::add);
    }

    private <T> T permitted(final Task<T> task) throws ServerException, InterruptedException {
        atOnce.acquire();
        try {
            return task.run();
        } finally {
            atOnce.release();
        }
    }

    private List<Connection> room(final Plan all, final String room) throws ServerException, InterruptedException {
        server.open(room);
        final List<Connection> made = new ArrayList<>();
        final List<List<Source>> sources = new ArrayList<>();
        for (int i = 0; i < all.sites(); i++) {
            final Connection publisher = publisher(room, "site-" + i, all.shape());
            made.add(publisher);
            sources.add(got(loop.publish(publisher, all.shape(), List.of())));
        }
        for (int i = 0; i < all.sites(); i++) {
            for (int j = 0; j < all.subscribers(); j++) {
                made.add(subscriber(room, "guest-" + j + (all.sites() > 1 ? "-" + i : ""), "site-" + i,
                    sources.get(i)));
            }
            for (int j = 0; all.twoWay() && j < all.sites(); j++) {
                if (j != i) {
                    // A participant has one connection that receives per site it hears.
                    made.add(subscriber(room, "site-" + j, "site-" + i, sources.get(i)));
                }
            }
        }
        return made;
    }

    /** Joins a publisher, which does not send yet. */
    Connection publisher(final String room, final String participant, final MediaShape shape)
        throws ServerException, InterruptedException {
        server.prepare(room, participant);
        final Connection connection = loop.connection(true, shape);
        connection.offeredNs = System.nanoTime();
        loop.begin(connection, server.publish(room, participant, connection.local), JOIN_MS);
        return joined(connection);
    }

    /** Joins a receiver of a participant's streams. */
    Connection subscriber(final String room, final String participant, final String from,
        final List<Source> sources) throws ServerException, InterruptedException {
        server.prepare(room, participant);
        final Connection connection = loop.connection(false, MediaShape.silence());
        got(loop.expect(connection, sources));
        connection.offeredNs = System.nanoTime();
        loop.begin(connection, server.subscribe(room, participant, from, connection.local), JOIN_MS);
        return joined(connection);
    }

    private Connection joined(final Connection connection) throws ServerException, InterruptedException {
        try {
            return connection.joined.get(JOIN_MS + 1000, TimeUnit.MILLISECONDS);
        } catch (final ExecutionException | TimeoutException e) {
            joins.failed();
            throw e.getCause() instanceof final ServerException known ? known
                : new ServerException("a connection did not come about: " + e, e);
        }
    }

    /** Ends a connection here and at the server. */
    void leave(final Connection connection) throws ServerException, InterruptedException {
        got(loop.end(connection));
        connection.agreed().leave().leave();
    }

    private void awaitMedia() throws ServerException, InterruptedException {
        final long deadlineNs = System.nanoTime() + FIRST_MEDIA_MS * 1_000_000L;
        long waiting = got(loop.waiting());
        while (waiting > 0) {
            if (System.nanoTime() > deadlineNs) {
                throw new ServerException(waiting + " of the streams never reached a receiver within "
                    + FIRST_MEDIA_MS / 1000 + " s");
            }
            Thread.sleep(POLL_MS);
            waiting = got(loop.waiting());
        }
    }

    /** Takes devices whose blocks are counted in its windows; they are closed with it. */
    void with(final Devices more) {
        devices = more;
    }

    /** Changes what everybody sends. */
    void shape(final MediaShape shape) throws ServerException, InterruptedException {
        final Plan now = plan;
        if (now != null) {
            plan = now.withShape(shape);
        }
        got(loop.shape(shape));
    }

    /** Measures for so long. */
    Figures measure(final double seconds) throws ServerException, InterruptedException, IOException {
        final Plan now = plan;
        if (now == null) {
            throw new IllegalStateException("nobody has joined");
        }
        final boolean watched = pid != 0 && ProcessSample.isPossible();
        final Devices measuring = devices;
        final LoopCounts before = got(loop.beginWindow());
        if (measuring != null) {
            measuring.beginWindow();
        }
        final ProcessSample serverBefore = watched ? ProcessSample.of(pid) : null;
        final ProcessSample selfBefore = ProcessSample.isPossible() ? ProcessSample.self() : null;
        final long startNs = System.nanoTime();
        Thread.sleep((long) (seconds * 1000));
        final LoopCounts after = got(loop.endWindow());
        if (measuring != null) {
            measuring.endWindow();
        }
        final double lasted = (System.nanoTime() - startNs) / 1e9;
        final ProcessSample used = serverBefore == null ? null : ProcessSample.of(pid).since(serverBefore);
        final double own = selfBefore == null ? Double.NaN
            : ProcessSample.self().since(selfBefore).cpuNs() / 1e9 / lasted;
        final Histogram late = got(loop.lateness());
        Thread.sleep(DRAIN_MS);
        final Map<TrafficClass, Tally> classes = got(loop.collect());
        if (measuring != null) {
            classes.put(TrafficClass.VITALS, measuring.collect());
        }
        return new Figures(now, lasted, classes, after.since(before), late, used, own);
    }

    private static <T> T got(final CompletableFuture<T> answer) throws ServerException, InterruptedException {
        try {
            return answer.get(ANSWER_S, TimeUnit.SECONDS);
        } catch (final ExecutionException | TimeoutException e) {
            throw new ServerException("the load's own thread does not answer: " + e, e);
        }
    }

    private static <T> T get(final Future<T> answer) throws ServerException, InterruptedException {
        try {
            return answer.get();
        } catch (final ExecutionException e) {
            throw e.getCause() instanceof final ServerException known ? known
                : new ServerException("a join failed: " + e.getCause(), e);
        }
    }

    /** Connections and rooms the server did not end as it was asked to. */
    int notLeft() {
        return notLeft;
    }

    /** Everybody leaves, every room ends, as far as the server still answers. */
    void leaveAll() throws InterruptedException {
        final List<Future<Boolean>> leaving = new ArrayList<>();
        for (final Connection connection : connections) {
            leaving.add(callers.submit(() -> permitted(() -> {
                leave(connection);
                return true;
            })));
        }
        for (final String room : rooms) {
            leaving.add(callers.submit(() -> permitted(() -> {
                server.close(room);
                return true;
            })));
        }
        for (final Future<Boolean> one : leaving) {
            try {
                one.get();
            } catch (final ExecutionException e) {
                notLeft++;
            }
        }
        connections.clear();
        rooms.clear();
    }

    @Override
    public void close() {
        final Devices open = devices;
        if (open != null) {
            open.close();
        }
        callers.shutdownNow();
        loop.close();
    }
}
