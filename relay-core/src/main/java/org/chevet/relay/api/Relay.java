package org.chevet.relay.api;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.dtls.BouncyDtls;
import org.chevet.relay.dtls.DtlsCertificate;
import org.chevet.relay.dtls.DtlsFactory;
import org.chevet.relay.lane.DtlsSessions;
import org.chevet.relay.lane.Lane;
import org.chevet.relay.lane.LaneContext;
import org.chevet.relay.lane.LaneLimits;
import org.chevet.relay.lane.LaneProxy;
import org.chevet.relay.lane.Lanes;
import org.chevet.relay.lane.MediaAddresses;
import org.chevet.relay.lane.Outcome;
import org.chevet.relay.lane.RelayDoor.ConsultationInfo;
import org.chevet.relay.lane.Steering;
import org.chevet.relay.net.LaneThread;
import org.chevet.relay.net.LaneWatch;
import org.chevet.relay.net.SocketOptions;
import org.chevet.relay.signal.HttpRoute;
import org.chevet.relay.signal.SignalConfig;
import org.chevet.relay.signal.SignalServer;
import org.chevet.relay.signal.SignalStats;
import org.chevet.relay.srtp.CryptoChoice;
import org.chevet.relay.srtp.CryptoSelection;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.token.TokenIssuer;
import org.chevet.relay.token.TokenRefusal;
import org.chevet.relay.token.TokenVerifier;
import org.chevet.relay.vitals.VitalsLimits;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running relay: lanes, media sockets and the HTTP port in this process. Safe on any thread.
 *
 * <pre>
 *   try (Relay relay = Relay.start(config)) {
 *       relay.open("consultation-1").toCompletableFuture().join();
 *       String token = relay.issueToken(claims);
 *       ...
 *   }
 * </pre>
 */
public final class Relay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
    private static final int CERTIFICATE_DAYS = 365;
    private static final long STOP_LIMIT_MS = 3000;
    private static final long MILLISECOND_NS = 1_000_000L;
    private static final long SECOND_NS = 1_000_000_000L;

    private final List<LaneThread> threads = new ArrayList<>();
    private final List<LaneStats> stats = new ArrayList<>();
    /** Ports bound so far; the first is everybody's in single-port mode. */
    private final List<Integer> sharedPort = new ArrayList<>();
    private final List<Lanes.Member> members = new ArrayList<>();
    private final List<LaneWatch.Watched> watched = new ArrayList<>();
    private final LaneWatch watch;
    private final Lanes lanes;
    private final SignalServer signal;
    private final TokenIssuer issuer;
    private final int httpPort;
    private final CryptoChoice crypto;

    private Relay(final RelayConfig config, final Function<Relay, List<HttpRoute>> routes) throws IOException {
        if (config.tokenKeys().isEmpty()) {
            throw new IllegalArgumentException("tokenKeys is empty; at least one key has to sign tokens");
        }
        // The JVM's first native calls take a while, and so does the first handshake: both at once.
        final CompletableFuture<CryptoChoice> choice =
            CompletableFuture.supplyAsync(() -> CryptoSelection.select(config.tuning().crypto()));
        final SecureRandom random = new SecureRandom();
        final long originNs = System.nanoTime();
        final LongSupplier clock = () -> System.nanoTime() - originNs;
        final Instant now = Instant.now();
        final long utcOffsetNs = now.getEpochSecond() * SECOND_NS + now.getNano() - clock.getAsLong();
        final DtlsCertificate certificate = DtlsCertificate.generate(random, now, CERTIFICATE_DAYS);
        BouncyDtls.warmUp(certificate, random);
        crypto = chosen(choice);
        LOG.info("SRTP is sealed by {} {}, counter mode by {}: {}.", crypto.name(), crypto.version(),
            crypto.engines().counterModeName(), crypto.reason());
        final boolean shared = config.tuning().singlePort() && config.lanes() > 1;
        if (shared && !LaneThread.canSharePort()) {
            throw new IllegalArgumentException("singlePort needs 64-bit Linux with epoll, and this is not");
        }
        final Steering steering = shared ? Steering.between(config.lanes()) : Steering.none();
        try {
            for (int i = 0; i < config.lanes(); i++) {
                startLane(i, config, steering, clock, utcOffsetNs, certificate, random);
            }
            LOG.info("{} lanes: {}.", threads.size(), threads.getFirst().describe());
            watch = new LaneWatch(watched);
            watch.start(clock);
            lanes = new Lanes(members, config.maxConsultations());
            // The newest key signs: ids sort by age when they are dates or counted up.
            final var newest = new TreeMap<>(config.tokenKeys()).lastEntry();
            issuer = new TokenIssuer(newest.getKey(), newest.getValue());
            signal = new SignalServer(
                SignalConfig.of(config.httpHost(), config.httpPort(), config.apiKeys(), config.corsOrigins())
                    .withTls(config.reach().tls()).withMediaTcp(config.reach().mediaTcp())
                    .withTurn(config.reach().turn()), lanes,
                new TokenVerifier(config.tokenKeys()), issuer, System::currentTimeMillis, random, routes.apply(this));
            httpPort = signal.start();
        } catch (IOException | RuntimeException failure) {
            threads.forEach(LaneThread::close);
            throw failure;
        }
    }

    private static CryptoChoice chosen(final CompletableFuture<CryptoChoice> choice) {
        try {
            return choice.join();
        } catch (final CompletionException e) {
            if (e.getCause() instanceof IllegalArgumentException refusal) {
                throw refusal;
            }
            throw e;
        }
    }

    /**
     * Starts a relay.
     *
     * @throws IOException one sentence that names the address that cannot be bound, or the file of the certificate
     * @throws IllegalArgumentException one sentence that names the setting that cannot be used
     */
    public static Relay start(final RelayConfig config) throws IOException {
        return start(config, relay -> List.of());
    }

    /**
     * Starts a relay whose HTTP port serves more than signalling.
     *
     * @param routes makes them; called once with the relay before it listens
     */
    public static Relay start(final RelayConfig config, final Function<Relay, List<HttpRoute>> routes)
        throws IOException {
        return new Relay(config, routes);
    }

    /** The port HTTP listens on. */
    public int httpPort() {
        return httpPort;
    }

    /** What seals and opens SRTP, and why it is that; the same as long as the relay runs. */
    public CryptoChoice crypto() {
        return crypto;
    }

    /** Opens a consultation; refused when the id is in use or a bound is reached. */
    public CompletionStage<Outcome<ConsultationInfo>> open(final String consultation) {
        return lanes.open(consultation, null);
    }

    /** The same with its own policy of end-to-end encryption. */
    public CompletionStage<Outcome<ConsultationInfo>> open(final String consultation, final EndToEndPolicy policy) {
        return lanes.open(consultation, policy);
    }

    /** Puts a participant out of a consultation: its connections end and its tokens are refused from now on. */
    public CompletionStage<Outcome<String>> evict(final String consultation, final String participant) {
        return lanes.evict(consultation, participant);
    }

    /** Ends a consultation. */
    public CompletionStage<Outcome<ConsultationInfo>> end(final String consultation) {
        return lanes.close(consultation);
    }

    /** Who takes part in a consultation now. */
    public CompletionStage<Outcome<ConsultationInfo>> consultation(final String consultation) {
        return lanes.consultation(consultation);
    }

    /**
     * Signs a token for a participant.
     *
     * @throws TokenRefusal naming the claim that cannot be in a token
     */
    public String issueToken(final Claims claims) throws TokenRefusal {
        return issuer.issue(claims, System.currentTimeMillis());
    }

    /** Counters and histograms, one per lane; live. */
    public List<LaneStats> laneStats() {
        return List.copyOf(stats);
    }

    /** Counters of the HTTP port; live. */
    public SignalStats signalStats() {
        return signal.stats();
    }

    /** Index of the first lane that takes no turns as of the last look, or -1. Waits for nothing. */
    public int stalledLane() {
        return watch.stalledLane();
    }

    /** How long a lane has taken no turn though it was asked, in nanoseconds; 0 when it does. */
    public long stalledNs(final int lane) {
        return watch.stalledNs(lane);
    }

    /** How often a lane took no turn for more than two seconds. */
    public long stalls(final int lane) {
        return watch.stalls(lane);
    }

    /** Waits until every lane took a turn, at most that long. */
    private void awaitTurns(final long withinMs) {
        final List<CompletableFuture<Long>> turns = new ArrayList<>();
        for (final Lanes.Member member : members) {
            final CompletableFuture<Long> turn = new CompletableFuture<>();
            turns.add(turn);
            member.proxy().offer(turn::complete);
        }
        final long endNs = System.nanoTime() + withinMs * MILLISECOND_NS;
        for (int i = 0; i < turns.size(); i++) {
            try {
                turns.get(i).get(Math.max(1, endNs - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (ExecutionException | TimeoutException e) {
                return;
            }
        }
    }

    /** Ends every consultation, tells every connection, frees ports and threads. Takes up to a few seconds. */
    @Override
    public void close() {
        for (final Lanes.Member member : members) {
            member.proxy().offer(nowNs -> member.lane().shutdown(nowNs));
        }
        watch.close();
        awaitTurns(STOP_LIMIT_MS);
        signal.close();
        threads.forEach(LaneThread::close);
    }

    private void startLane(final int index, final RelayConfig config, final Steering steering,
        final LongSupplier clock, final long utcOffsetNs,
        final DtlsCertificate certificate, final SecureRandom random) throws IOException {
        final LaneStats laneStats = new LaneStats();
        final LaneThread thread = new LaneThread(index, laneStats, clock, optionsOf(config, index));
        threads.add(thread);
        final int port = portOf(config, index);
        final List<TransportAddress> candidates = new ArrayList<>();
        final List<TransportAddress> streams = new ArrayList<>();
        for (final InetSocketAddress local : thread.bind(config.mediaHosts(), port)) {
            final InetAddress address = announced(config, local.getAddress());
            candidates.add(TransportAddress.ofBytes(address.getAddress(), local.getPort()));
            sharedPort.add(local.getPort());
            if (takesStreams(config, local.getAddress())) {
                streams.add(TransportAddress.ofBytes(address.getAddress(), config.reach().mediaTcpPort()));
            }
        }
        final LaneLimits limits = limitsOf(config);
        final LaneProxy proxy = new LaneProxy(thread::wakeUp);
        final DtlsFactory dtls = BouncyDtls.factory(certificate, random);
        final Lane lane = new Lane(new LaneContext(index, laneStats, limits,
            new MediaAddresses(candidates, streams, certificate.fingerprint()),
            new DtlsSessions(dtls, crypto.engines(), laneStats, limits), proxy, () -> nonZero(random),
            random::nextLong, utcOffsetNs, clock, steering));
        members.add(new Lanes.Member(lane, proxy, thread.loop(), thread));
        stats.add(laneStats);
        thread.run(lane);
        watched.add(new LaneWatch.Watched(() -> laneStats.counted(Counter.LANE_TURNS), thread::wakeUp,
            thread::stack));
    }

    /** Media by TCP is offered where HTTP listens, or, with a port of its own, on every address: a proxy is there. */
    private static boolean takesStreams(final RelayConfig config, final InetAddress local) throws IOException {
        final InetAddress http = InetAddress.getByName(config.httpHost());
        return config.reach().mediaTcp() && (config.reach().mediaTcpPort() != 0 || http.equals(local)
            || (http.isAnyLocalAddress() && (http instanceof Inet6Address || local instanceof Inet4Address)));
    }

    private static SocketOptions optionsOf(final RelayConfig config, final int index) {
        final Tuning tuning = config.tuning();
        final List<Integer> processors = tuning.processors();
        return new SocketOptions(true, tuning.segmenting(), true, tuning.singlePort() && config.lanes() > 1,
            tuning.spinning(), processors.isEmpty() ? null : processors.get(index % processors.size()));
    }

    private int portOf(final RelayConfig config, final int index) {
        if (config.tuning().singlePort() && !sharedPort.isEmpty()) {
            return sharedPort.getFirst();
        }
        return config.mediaPort() == 0 ? 0 : config.mediaPort() + index;
    }

    /** What is advertised for a local address; compared as addresses, because IPv6 ones are written in many ways. */
    private static InetAddress announced(final RelayConfig config, final InetAddress local)
        throws UnknownHostException {
        for (final Map.Entry<String, String> pair : config.announced().entrySet()) {
            if (InetAddress.getByName(pair.getKey()).equals(local)) {
                return InetAddress.getByName(pair.getValue());
            }
        }
        return local;
    }

    private static LaneLimits limitsOf(final RelayConfig config) {
        final LaneLimits defaults = LaneLimits.defaults();
        final Bandwidth bandwidth = config.tuning().bandwidth();
        return new LaneLimits(defaults.slabSlots(), defaults.maxPeers(), config.maxParticipants(),
            config.handshakeTimeoutMs() * MILLISECOND_NS, config.idleTimeoutMs() * MILLISECOND_NS,
            VitalsLimits.defaults().withRing(config.vitalsRingMs() * MILLISECOND_NS, config.vitalsRingBytes()),
            defaults.bandwidth(), config.endToEnd())
            .withBandwidth(bandwidth.startBps(), bandwidth.leastBps(), bandwidth.mostBps());
    }

    private static int nonZero(final SecureRandom random) {
        int value;
        do {
            value = random.nextInt();
        } while (value == 0);
        return value;
    }
}
