package org.chevet.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.chevet.bench.server.MediaServer;
import org.chevet.bench.server.ServerException;
import org.jspecify.annotations.Nullable;

/**
 * Rooms in each of which somebody waits; publishers come to them one after the other at a steady rate, stay a second
 * from their first forwarded packet on, and leave.
 */
final class DoorBell {
    private static final long STAY_MS = 1_000;
    private static final long FIRST_MEDIA_MS = 10_000;
    private static final long POLL_MS = 1;
    private static final int SECONDS_COVERED = 4;

    private final Load load;
    private final double perSecond;
    private final List<Connection> listeners = new ArrayList<>();
    private final List<String> rooms = new ArrayList<>();
    private final ExecutorService visitors = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<Boolean>> visits = new ArrayList<>();
    private volatile boolean ringing;
    private int broken;
    private @Nullable Thread ringer;

    DoorBell(final Load load, final double perSecond) {
        this.load = load;
        this.perSecond = perSecond;
    }

    /** Opens enough rooms that each is empty again before its turn comes. */
    void open(final MediaServer server) throws ServerException, InterruptedException {
        final int doors = (int) Math.ceil(perSecond * SECONDS_COVERED);
        for (int i = 0; i < doors; i++) {
            final String room = "door-" + i;
            server.open(room);
            rooms.add(room);
            listeners.add(load.subscriber(room, "listener", "visitor", List.of()));
            server.prepare(room, "visitor");
        }
    }

    /** Lets visitors come from now on. */
    void ring() {
        ringing = true;
        final Thread thread = Thread.ofPlatform().daemon(true).name("visits").unstarted(this::run);
        ringer = thread;
        thread.start();
    }

    private void run() {
        final long startNs = System.nanoTime();
        for (int i = 0; ringing; i++) {
            final int door = i % rooms.size();
            visits.add(visitors.submit(() -> visit(door)));
            final long dueNs = startNs + (long) ((i + 1) * 1e9 / perSecond);
            try {
                TimeUnit.NANOSECONDS.sleep(Math.max(0, dueNs - System.nanoTime()));
            } catch (final InterruptedException e) {
                return;
            }
        }
    }

    private boolean visit(final int door) throws ServerException, InterruptedException {
        final MediaShape shape = MediaShape.call();
        final Connection visitor = load.publisher(rooms.get(door), "visitor", shape);
        final CompletableFuture<List<Source>> sources =
            load.loop().publish(visitor, shape, List.of(listeners.get(door)));
        final long deadlineNs = System.nanoTime() + FIRST_MEDIA_MS * 1_000_000L;
        try {
            sources.get(FIRST_MEDIA_MS, TimeUnit.MILLISECONDS);
        } catch (final ExecutionException | TimeoutException e) {
            throw new ServerException("the load's own thread does not answer: " + e, e);
        }
        while (visitor.firstMediaNs == 0 && System.nanoTime() < deadlineNs) {
            Thread.sleep(POLL_MS);
        }
        if (visitor.firstMediaNs == 0) {
            load.joins().failed();
        } else {
            load.joins().add(visitor);
        }
        Thread.sleep(STAY_MS);
        load.leave(visitor);
        return visitor.firstMediaNs != 0;
    }

    /** No more visitors; waits until those who are there have left. Returns how many did not get through. */
    int stop() throws InterruptedException {
        ringing = false;
        final Thread thread = ringer;
        if (thread != null) {
            thread.join();
        }
        for (final Future<Boolean> visit : visits) {
            try {
                visit.get();
            } catch (final ExecutionException e) {
                broken++;
            }
        }
        visitors.shutdown();
        return broken;
    }
}
