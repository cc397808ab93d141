package org.chevet.bench.load;

import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.bench.mark.Tally;
import org.chevet.bench.mark.TrafficClass;
import org.chevet.bench.server.Agreement;
import org.chevet.bench.server.LocalEnd;
import org.chevet.bench.server.ServerException;
import org.chevet.bench.socket.Wire;
import org.chevet.relay.dtls.BouncyDtls;
import org.chevet.relay.dtls.DtlsCertificate;
import org.chevet.relay.dtls.DtlsFactory;
import org.chevet.relay.srtp.CryptoChoice;
import org.chevet.relay.srtp.CryptoSelection;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that sends and receives for all connections of a load: sources by their due time, sockets by epoll.
 * Other threads hand it work by {@link #ask}.
 */
final class LoadLoop implements AutoCloseable {
    /** The fastest engine that works here: opening is most of what receiving costs. */
    private static final CryptoChoice CRYPTO = CryptoSelection.select(CryptoSelection.AUTO);
    private static final int CERTIFICATE_DAYS = 2;
    private static final int ROUNDS = 4;
    private static final long TICK_NS = 20_000_000L;
    private static final long LATE_NS = 50_000_000L;
    private static final long STOP_MS = 5_000;

    private final Wire wire;
    private final boolean repairs;
    private final SecureRandom random = new SecureRandom();
    private final SplittableRandom seeds;
    private final Queue<Runnable> work = new ConcurrentLinkedQueue<>();
    private final AtomicInteger tags = new AtomicInteger();
    private final AtomicInteger streamIds = new AtomicInteger();
    private final Schedule schedule = new Schedule();
    private final List<Source> sources = new ArrayList<>();
    private final List<Connection> joining = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();
    private @Nullable Connection[] byTag = new Connection[64];
    private final Map<TrafficClass, Tally> tallies = new EnumMap<>(TrafficClass.class);
    private final Histogram lateness = new Histogram(1, 10_000_000_000L, 3);
    private final LoopCounts counts = new LoopCounts();
    private final UnsafeBuffer noise = new UnsafeBuffer(new byte[Wire.SLOT]);
    private final Associations associations;
    private final Inbound inbound;
    private final String fingerprint;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile @Nullable Throwable failure;

    private LoadLoop(final Wire wire, final boolean openAll, final boolean repairs, final long seed) {
        this.wire = wire;
        this.repairs = repairs;
        seeds = new SplittableRandom(seed);
        seeds.nextBytes(noise.byteArray());
        final DtlsCertificate certificate = DtlsCertificate.generate(random, Instant.now(), CERTIFICATE_DAYS);
        fingerprint = certificate.fingerprint();
        final DtlsFactory dtls = BouncyDtls.factory(certificate, random);
        associations = new Associations(wire, dtls, random, CRYPTO.engines(), counts);
        for (final TrafficClass kind : TrafficClass.values()) {
            tallies.put(kind, new Tally());
        }
        inbound = new Inbound(wire, associations, tallies, counts, openAll);
        thread = Thread.ofPlatform().name("load").daemon(true).unstarted(this::run);
    }

    /**
     * Starts the loop.
     *
     * @param openAll true to open every packet, false to open one of 16 and to count the others by their headers
     * @param repairs true to ask for what is missing, to answer such requests, and to tell when packets arrived
     * @param seed of payloads, sizes and phases
     */
    static LoadLoop start(final boolean openAll, final boolean repairs, final long seed) throws IOException {
        final LoadLoop loop = new LoadLoop(Wire.create(), openAll, repairs, seed);
        loop.thread.start();
        return loop;
    }

    /** What packets are opened with. */
    static String crypto() {
        return CRYPTO.name();
    }

    /** A new connection that nobody has been asked for yet. */
    Connection connection(final boolean publishes, final MediaShape shape) {
        final boolean video = publishes && shape.videoBps() > 0;
        final boolean silent = publishes && !video && shape.audioPps() == 0;
        return new Connection(tags.getAndIncrement(), LocalEnd.create(random, fingerprint,
            publishes && (shape.audioPps() > 0 || silent), video ? shape.layers() : 0, repairs),
            publishes);
    }

    /** Takes up a connection the server has answered; {@link Connection#joined} tells the outcome. */
    void begin(final Connection connection, final Agreement agreement, final long atMostMs) throws ServerException {
        final int socket;
        try {
            socket = wire.open(InetAddress.ofLiteral("0.0.0.0"), agreement.address(), connection.tag);
        } catch (final IOException e) {
            throw new ServerException(String.valueOf(e.getMessage()), e);
        }
        connection.agreement = agreement;
        connection.answeredNs = System.nanoTime();
        final CompletableFuture<Connection> begun = ask(() -> {
            connection.socket = socket;
            connection.reception = repairs && !connection.publishes
                ? new Reception(agreement.streams().wideId()) : null;
            if (connection.tag >= byTag.length) {
                byTag = Arrays.copyOf(byTag, 2 * connection.tag);
            }
            byTag[connection.tag] = connection;
            connections.add(connection);
            joining.add(connection);
            associations.begin(connection, agreement, atMostMs, System.nanoTime());
            return connection;
        });
        if (begun.isCompletedExceptionally()) {
            throw new ServerException("the load's own thread has failed");
        }
    }

    /**
     * Lets a joined publisher send.
     *
     * @param hearers connections that are to receive it from its first packet on
     * @return its sources
     */
    CompletableFuture<List<Source>> publish(final Connection connection, final MediaShape shape,
        final List<Connection> hearers) {
        return ask(() -> {
            final Agreement.Streams streams = connection.agreed().streams();
            final LocalEnd local = connection.local;
            final long nowNs = System.nanoTime();
            if (shape.audioPps() > 0) {
                add(connection, TrafficClass.AUDIO, 0, new Source.Header(streams.audioType(), local.audioSsrc(),
                    streams.audioMid(), idOf(streams.audioMid(), streams.midId()), streams.wideId(), "", 0), shape,
                    nowNs);
            }
            for (int layer = 0; layer < local.videoSsrcs().size(); layer++) {
                add(connection, TrafficClass.VIDEO, layer, new Source.Header(streams.videoType(),
                    local.videoSsrcs().get(layer), streams.videoMid(), idOf(streams.videoMid(), streams.midId()),
                    streams.wideId(), local.rid(layer), idOf(local.rid(layer), streams.ridId())), shape, nowNs);
            }
            for (final Connection hearer : hearers) {
                connection.sources.forEach(source -> hearer.subscriptions.add(new Subscription(source)));
            }
            return List.copyOf(connection.sources);
        });
    }

    private static int idOf(final String value, final int id) {
        return value.length() == 1 ? id : 0;
    }

    private void add(final Connection connection, final TrafficClass kind, final int layer,
        final Source.Header header, final MediaShape shape, final long nowNs) {
        final Source source = new Source(streamIds.getAndIncrement(), kind, layer, header, shape, noise,
            seeds.nextLong(), connection, nowNs);
        connection.sources.add(source);
        sources.add(source);
        schedule.add(source);
    }

    /** Makes what a connection should receive known; counted from now on. */
    CompletableFuture<Connection> expect(final Connection connection, final List<Source> awaited) {
        return ask(() -> {
            awaited.forEach(source -> connection.subscriptions.add(new Subscription(source)));
            return connection;
        });
    }

    /** Changes what every source sends. */
    CompletableFuture<Boolean> shape(final MediaShape shape) {
        return ask(() -> {
            sources.forEach(source -> source.shape(shape));
            return true;
        });
    }

    /** Starts a window: counts and times begin anew. */
    CompletableFuture<LoopCounts> beginWindow() {
        return ask(() -> {
            sources.forEach(Source::beginWindow);
            tallies.values().forEach(Tally::clear);
            lateness.reset();
            for (final Connection connection : connections) {
                for (final Subscription subscription : connection.subscriptions) {
                    subscription.beginWindow();
                }
            }
            return counts.copy();
        });
    }

    /** Ends a window: what is sent from now on no longer counts. */
    CompletableFuture<LoopCounts> endWindow() {
        return ask(() -> {
            for (final Connection connection : connections) {
                for (final Subscription subscription : connection.subscriptions) {
                    subscription.endWindow();
                }
            }
            return counts.copy();
        });
    }

    /** What the window gave, by class; call it when what was on its way has arrived. */
    CompletableFuture<Map<TrafficClass, Tally>> collect() {
        return ask(() -> {
            final Map<TrafficClass, Tally> result = new EnumMap<>(TrafficClass.class);
            tallies.forEach((kind, tally) -> {
                final Tally copy = new Tally();
                copy.add(tally);
                result.put(kind, copy);
            });
            for (final Connection connection : connections) {
                for (final Subscription subscription : connection.subscriptions) {
                    final Tally tally = result.get(subscription.source().kind());
                    if (tally != null) {
                        tally.add(subscription.ledger());
                    }
                }
            }
            return result;
        });
    }

    /** How late packets left, in nanoseconds, of the window so far. */
    CompletableFuture<Histogram> lateness() {
        return ask(lateness::copy);
    }

    /** Subscriptions that have not had a packet yet. */
    CompletableFuture<Long> waiting() {
        return ask(() -> connections.stream().mapToLong(LoadLoop::waiting).sum());
    }

    /** Of simulcast layers one has to come. */
    private static long waiting(final Connection connection) {
        final List<Subscription> all = connection.subscriptions;
        final boolean isLayerMissing = all.stream().anyMatch(Subscription::isChoice)
            && all.stream().noneMatch(subscription -> subscription.isChoice() && subscription.isKnown());
        return all.stream().filter(subscription -> !subscription.isChoice() && !subscription.isKnown()).count()
            + (isLayerMissing ? 1 : 0);
    }

    /** Ends a connection and closes its socket. */
    CompletableFuture<Boolean> end(final Connection connection) {
        return ask(() -> {
            connection.sources.forEach(schedule::remove);
            sources.removeAll(connection.sources);
            for (final Connection other : connections) {
                other.subscriptions.removeIf(subscription -> subscription.source().connection().equals(connection));
            }
            associations.end(connection);
            connections.remove(connection);
            joining.remove(connection);
            byTag[connection.tag] = null;
            return true;
        });
    }

    /** Runs something on the loop's thread. */
    <T> CompletableFuture<T> ask(final Supplier<T> question) {
        final CompletableFuture<T> answer = new CompletableFuture<>();
        work.add(() -> {
            try {
                answer.complete(question.get());
            } catch (final RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        wire.wake();
        final Throwable broken = failure;
        if (broken != null) {
            answer.completeExceptionally(broken);
        }
        return answer;
    }

    private void run() {
        try {
            long tickNs = System.nanoTime();
            while (!stopped) {
                Runnable next = work.poll();
                while (next != null) {
                    next.run();
                    next = work.poll();
                }
                long nowNs = System.nanoTime();
                send(nowNs);
                if (!joining.isEmpty()) {
                    join(nowNs);
                }
                if (nowNs >= tickNs) {
                    tickNs = nowNs + TICK_NS;
                    tick(nowNs);
                }
                nowNs = System.nanoTime();
                receive(Math.min(schedule.dueNs(), tickNs) - nowNs);
            }
        } catch (final Throwable e) {
            failure = e;
            connections.forEach(connection -> connection.joined.completeExceptionally(e));
            throw e;
        }
    }

    private void send(final long nowNs) {
        while (!schedule.isEmpty() && schedule.dueNs() <= nowNs) {
            final Source source = schedule.first();
            final long lateNs = nowNs - source.dueNs();
            lateness.recordValue(Math.min(lateNs, 9_999_999_999L));
            if (lateNs > LATE_NS) {
                counts.skipped += source.skipTo(nowNs);
            }
            burst(source, nowNs);
            source.end();
            schedule.moved();
        }
    }

    private void burst(final Source source, final long nowNs) {
        final Connection connection = source.connection();
        final UnsafeBuffer out = wire.sending();
        final int count = source.begin(nowNs);
        int committed = 0;
        for (int i = 0; i < count; i++) {
            final int offset = wire.nextOffset();
            final int header = source.header(out, offset, connection.transportSequence++ & 0xFFFF);
            final int payload = source.payload(out, offset + header, wire.realtimeNs());
            final int length = connection.seal == null ? header + payload
                : connection.seal.protectRtp(out, offset, header, out, offset + header, payload);
            if (length > 0) {
                if (source.sealed != null) {
                    source.sealed.add(out, offset, length);
                }
                wire.commit(length);
                committed++;
            }
        }
        final int taken = wire.flush(connection.socket);
        counts.sent += taken;
        counts.unsent += count - taken;
        if (committed != count) {
            counts.refused += count - committed;
        }
    }

    private void join(final long nowNs) {
        for (int i = joining.size() - 1; i >= 0; i--) {
            if (associations.advance(joining.get(i), nowNs)) {
                joining.remove(i);
            }
        }
    }

    private void tick(final long nowNs) {
        for (int i = 0; i < connections.size(); i++) {
            associations.tick(connections.get(i), nowNs, wire.realtimeNs());
        }
    }

    private void receive(final long waitNs) {
        final int ready = wire.await(waitNs);
        for (int i = 0; i < ready; i++) {
            final int tag = wire.ready(i);
            final Connection connection = tag < byTag.length ? byTag[tag] : null;
            if (connection == null) {
                continue;
            }
            int count;
            int rounds = 0;
            do {
                count = wire.receive(wire.readySocket(i));
                inbound.handle(connection, count);
                rounds++;
            } while (count == Wire.BATCH && rounds < ROUNDS);
        }
    }

    @Override
    public void close() {
        stopped = true;
        wire.wake();
        try {
            thread.join(STOP_MS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        connections.forEach(associations::end);
        wire.close();
    }
}
