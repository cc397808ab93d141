package org.chevet.relay.client;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.vitals.VitalsCloseCode;
import org.jspecify.annotations.Nullable;

/**
 * Runs a machine on one daemon thread: connects, reconnects with backoff, sends one message at a time, fires what
 * is due. The machine's lock guards it, so that callers may offer from their own threads.
 */
final class ClientLoop implements AutoCloseable {
    private static final long FIRST_BACKOFF_NS = 100_000_000L;
    private static final long MAX_BACKOFF_NS = 5_000_000_000L;
    private static final int MAX_DOUBLINGS = 6;
    /** A relay that was started anew knows no consultation until it is opened there: as long as data is held for it. */
    private static final long NOT_FOUND_PATIENCE_NS = 300_000_000_000L;
    /** Timers are at least this far away, in nanoseconds. */
    private static final long MIN_DELAY_NS = 1_000_000L;

    private final VitalsTransport transport;
    private final VitalsMachine machine;
    private final Object lock;
    private final LongSupplier clockNs;
    private final RandomGenerator random;
    private final ScheduledThreadPoolExecutor executor;
    private final AtomicBoolean woken = new AtomicBoolean();
    /** Grows to the longest message sent: a machine may have hundreds of clients. */
    private final ExpandableArrayBuffer out = new ExpandableArrayBuffer();
    private @Nullable ScheduledFuture<?> timer;
    private int generation;
    private int attempts;
    private boolean connecting;
    private boolean connected;
    private boolean sending;
    private boolean stopped;
    private boolean everWelcomed;
    private long lostAtNs;
    private long connectAtNs;
    private final AtomicInteger connections = new AtomicInteger();

    ClientLoop(final String name, final VitalsTransport transport, final VitalsMachine machine, final Object lock,
        final LongSupplier clockNs, final RandomGenerator random) {
        this.transport = transport;
        this.machine = machine;
        this.lock = lock;
        this.clockNs = clockNs;
        this.random = random;
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            final Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        connectAtNs = clockNs.getAsLong();
    }

    /** Something may be to be sent. Any thread. */
    void wake() {
        if (woken.compareAndSet(false, true)) {
            run(() -> {
                woken.set(false);
                step();
            });
        }
    }

    /** The way to the relay has changed: a new connection replaces this one, which may not know it yet. Any thread. */
    void reconnect() {
        run(() -> {
            attempts = 0;
            connectAtNs = Math.min(connectAtNs, clockNs.getAsLong());
            transport.close();
            step();
        });
    }

    /** Connections made so far. Any thread. */
    int connections() {
        return connections.get();
    }

    @Override
    public void close() {
        run(() -> {
            stopped = true;
            transport.shutdown();
            executor.shutdown();
        });
    }

    private void run(final Runnable task) {
        try {
            executor.execute(() -> {
                synchronized (lock) {
                    task.run();
                }
            });
        } catch (final RejectedExecutionException closed) {
            // The client was closed: nothing is left to do.
            woken.set(true);
        }
    }

    private void step() {
        if (stopped) {
            return;
        }
        final long nowNs = clockNs.getAsLong();
        if (!connected && !connecting && nowNs >= connectAtNs) {
            connecting = true;
            generation++;
            transport.connect(new Incoming(generation));
        }
        if (connected && machine.isDead(nowNs)) {
            transport.close();
        }
        pump(nowNs);
        schedule(nowNs);
    }

    private void pump(final long nowNs) {
        if (!connected || sending) {
            return;
        }
        final int length = machine.pollTransmit(out, 0, nowNs);
        if (length > 0) {
            final byte[] message = new byte[length];
            out.getBytes(0, message);
            sending = true;
            final int current = generation;
            transport.send(message, () -> run(() -> {
                if (current == generation) {
                    sending = false;
                    step();
                }
            }));
        }
    }

    private void schedule(final long nowNs) {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        final long atNs;
        if (connected) {
            // While a message is on its way only the death of the connection matters.
            atNs = sending ? machine.deadAtNs() : machine.nextDeadlineNs();
        } else {
            atNs = connecting ? Long.MAX_VALUE : connectAtNs;
        }
        if (atNs != Long.MAX_VALUE) {
            final long delayNs = Math.max(MIN_DELAY_NS, atNs - nowNs);
            timer = executor.schedule(() -> {
                synchronized (lock) {
                    step();
                }
            }, delayNs, TimeUnit.NANOSECONDS);
        }
    }

    private void opened() {
        connecting = false;
        connected = true;
        sending = false;
        connections.incrementAndGet();
        machine.connected(clockNs.getAsLong());
        step();
    }

    private void closed(final int code, final String reason) {
        final long nowNs = clockNs.getAsLong();
        final boolean mayBeOpenedAgain = everWelcomed && !machine.isWelcomed()
            && nowNs - lostAtNs < NOT_FOUND_PATIENCE_NS;
        final boolean retry =
            VitalsCloseCode.isWorthRetrying(code) || (code == VitalsCloseCode.NOT_FOUND && mayBeOpenedAgain);
        if (machine.isWelcomed()) {
            attempts = 0;
            everWelcomed = true;
            lostAtNs = nowNs;
        }
        connecting = false;
        connected = false;
        sending = false;
        generation++;
        machine.disconnected();
        machine.events.onDisconnected(code, reason, retry && !stopped);
        if (!retry) {
            stopped = true;
            return;
        }
        final long backoffNs = Math.min(MAX_BACKOFF_NS, FIRST_BACKOFF_NS << Math.min(attempts, MAX_DOUBLINGS));
        attempts++;
        connectAtNs = nowNs + backoffNs / 2 + random.nextLong(backoffNs / 2);
        step();
    }

    /** One connection's events; those of an earlier connection are ignored. */
    private final class Incoming implements VitalsTransport.Listener {
        private final int mine;

        Incoming(final int mine) {
            this.mine = mine;
        }

        @Override
        public void onOpen() {
            run(() -> {
                if (mine == generation && connecting) {
                    opened();
                }
            });
        }

        @Override
        public void onMessage(final byte[] message) {
            run(() -> {
                if (mine == generation && connected) {
                    machine.handle(new UnsafeBuffer(message), 0, message.length, clockNs.getAsLong());
                    step();
                }
            });
        }

        @Override
        public void onClosed(final int code, final String reason) {
            run(() -> {
                if (mine == generation) {
                    closed(code, reason);
                }
            });
        }
    }
}
