package org.chevet.relay.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.InvalidAlgorithmParameterException;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.chevet.relay.client.e2ee.EpochAgreement;
import org.chevet.relay.client.e2ee.EpochAgreement.Member;
import org.chevet.relay.client.e2ee.EpochAgreement.Outgoing;
import org.chevet.relay.client.e2ee.EpochAgreement.Wrapped;
import org.chevet.relay.client.e2ee.EpochKeys;
import org.chevet.relay.client.e2ee.EpochWrap;
import org.jspecify.annotations.Nullable;

/**
 * Takes part in the changes of keys of a consultation, over the session WebSocket: whoever seals or opens with the
 * same {@link EpochKeys} follows. Connects again after a loss. On a daemon thread of its own; methods are safe on any
 * thread.
 */
public final class EpochSession implements AutoCloseable {
    /** Name of the subprotocol. */
    public static final String SUBPROTOCOL = "chevet.session.v1";
    private static final Set<String> IN_CHARGE = Set.of("practitioner", "companion");
    /** Close codes after which the same token opens nothing: malformed, put out or not granted, no consultation. */
    private static final Set<Integer> FINAL = Set.of(4400, 4403, 4404);
    private static final int NORMAL = 1000;
    private static final int ABNORMAL = 1006;
    private static final int MAX_MESSAGE_CHARS = 1 << 20;
    private static final int MAX_WAITING = 1024;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final long PING_NS = 5_000_000_000L;
    private static final long SILENCE_NS = 16_000_000_000L;
    private static final long AGAIN_NS = 1_000_000_000L;

    private final JsonMapper json = JsonMapper.builder().build();
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();
    private final URI uri;
    private final Supplier<String> token;
    private final EpochAgreement agreement;
    private final ScheduledThreadPoolExecutor executor;
    private final Map<String, Member> roster = new LinkedHashMap<>();
    private final ArrayDeque<String> waiting = new ArrayDeque<>();
    private @Nullable Socket current;
    private @Nullable ScheduledFuture<?> timer;
    private String resume = "";
    private long heardNs;
    private long nextId;
    private long rotating = -1;
    private int proposed;
    private boolean sending;
    private volatile boolean stopped;
    private volatile boolean evicted;

    private EpochSession(final URI uri, final Supplier<String> token, final String participant, final EpochKeys keys) {
        this.uri = uri;
        this.token = token;
        final SecureRandom random = new SecureRandom();
        try {
            final KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(EpochWrap.CURVE), random);
            agreement = new EpochAgreement(participant, keys, generator.generateKeyPair(), random::nextBytes);
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("every Java has P-256", e);
        }
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            final Thread thread = new Thread(task, "chevet-epochs-" + participant);
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
    }

    /**
     * Joins and stays.
     *
     * @param uri {@code ws://host:port/v1/session} or {@code wss:}
     * @param token gives the signed token for each connection
     * @param participant the token's participant
     * @param keys hold epoch 0 already
     */
    public static EpochSession start(final URI uri, final Supplier<String> token, final String participant,
        final EpochKeys keys) {
        final EpochSession made = new EpochSession(uri, token, participant, keys);
        made.run(made::connect);
        made.every(PING_NS, made::beat);
        return made;
    }

    /** Makes a new epoch for all who are here; practitioners and companions may. */
    public void rotate() {
        run(() -> {
            agreement.rotate();
            step();
        });
    }

    /** Puts another participant out; practitioners and companions may. The keys change by themselves. */
    public void evict(final String participant) {
        run(() -> send(message("evict").put("id", nextId++).put("participant", participant)));
    }

    /** True once this participant was put out, or its token does not open the consultation: nothing is tried again. */
    public boolean isEvicted() {
        return evicted;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // sent or not, it is over
    public void close() {
        run(() -> {
            stopped = true;
            final Socket open = current;
            if (open != null && open.socket != null) {
                // The relay answers the close, or the end of the process does.
                open.socket.sendClose(NORMAL, "left").whenComplete((sent, failure) -> http.shutdown());
            } else {
                http.shutdownNow();
            }
            executor.shutdown();
        });
    }

    private void run(final Runnable task) {
        try {
            executor.execute(task);
        } catch (final RejectedExecutionException closed) {
            // It was closed: nothing is left to do.
            stopped = true;
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it ends with the executor
    private void every(final long periodNs, final Runnable task) {
        executor.scheduleAtFixedRate(task, periodNs, periodNs, TimeUnit.NANOSECONDS);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the outcome is the listener's
    private void connect() {
        if (stopped || current != null) {
            return;
        }
        final Socket attempt = new Socket();
        current = attempt;
        http.newWebSocketBuilder().header("Authorization", "Bearer " + token.get()).subprotocols(SUBPROTOCOL)
            .connectTimeout(CONNECT_TIMEOUT).buildAsync(uri, attempt).whenComplete((made, failure) -> {
                if (failure != null) {
                    run(() -> lost(attempt, ABNORMAL));
                }
            });
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it ends with the executor
    private void lost(final Socket from, final int code) {
        if (from != current) {
            return;
        }
        current = null;
        waiting.clear();
        sending = false;
        rotating = -1;
        if (FINAL.contains(code)) {
            stopped = true;
            evicted = code == 4403;
        } else if (!stopped) {
            executor.schedule(this::connect, AGAIN_NS, TimeUnit.NANOSECONDS);
        }
    }

    private void beat() {
        final Socket open = current;
        if (open == null || open.socket == null) {
            return;
        }
        if (System.nanoTime() - heardNs > SILENCE_NS) {
            open.socket.abort();
            lost(open, ABNORMAL);
        } else {
            send(message("ping").put("t", System.nanoTime() >>> 10));
        }
    }

    private ObjectNode message(final String type) {
        return json.createObjectNode().put("type", type);
    }

    private void send(final ObjectNode message) {
        if (waiting.size() < MAX_WAITING) {
            waiting.add(message.toString());
        }
        sendNext();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the outcome is what comes next
    private void sendNext() {
        final Socket open = current;
        if (open == null || open.socket == null || sending || waiting.isEmpty()) {
            return;
        }
        sending = true;
        open.socket.sendText(waiting.remove(), true).whenComplete((sent, failure) -> run(() -> {
            if (open == current) {
                sending = false;
                if (failure != null) {
                    lost(open, ABNORMAL);
                } else {
                    sendNext();
                }
            }
        }));
    }

    private void received(final Socket from, final String text) {
        if (from != current) {
            return;
        }
        heardNs = System.nanoTime();
        final JsonNode message;
        try {
            message = json.readTree(text);
        } catch (final JsonProcessingException e) {
            return;
        }
        switch (message.path("type").asText()) {
            case "welcome" -> welcomed(message);
            case "roster" -> rosterChanged(message);
            case "epoch" -> agreement.received(message.path("epoch").asInt(), message.path("from").asText(),
                message.path("nonce").asText(), message.path("sealed").asText(), message.path("key").asText(),
                System.nanoTime());
            case "done" -> answered(message, true);
            case "error" -> answered(message, false);
            default -> { }
        }
        step();
    }

    private void welcomed(final JsonNode message) {
        if (!resume.isEmpty()) {
            send(message("resume").put("token", resume));
        }
        resume = message.path("resume").path("token").asText();
        roster.clear();
        message.path("roster").forEach(this::put);
        agreement.roster(new ArrayList<>(roster.values()), System.nanoTime());
        agreement.welcomed(message.path("epoch").asInt(), System.nanoTime());
    }

    private void rosterChanged(final JsonNode message) {
        final String event = message.path("event").asText();
        if (event.equals("left")) {
            roster.remove(message.path("entry").path("participant").asText());
        } else {
            put(message.path("entry"));
        }
        agreement.roster(new ArrayList<>(roster.values()), System.nanoTime());
        if (event.equals("left") && message.path("reason").asText().equals("evicted")) {
            agreement.evicted(System.nanoTime());
        }
    }

    private void put(final JsonNode entry) {
        final JsonNode key = entry.path("endToEnd");
        if (roster.size() < EpochAgreement.MAX_MEMBERS || roster.containsKey(entry.path("participant").asText())) {
            roster.put(entry.path("participant").asText(), new Member(entry.path("participant").asText(),
                IN_CHARGE.contains(entry.path("role").asText()), key.path("key").asText(), key.path("mac").asText()));
        }
    }

    private void answered(final JsonNode message, final boolean isDone) {
        if (rotating >= 0 && message.path("id").asLong(-1) == rotating) {
            rotating = -1;
            if (isDone) {
                agreement.accepted(proposed, System.nanoTime());
            } else {
                agreement.conflict();
            }
        }
    }

    /** Sends what the agreement wants sent, and comes back when it wants to be asked again. */
    private void step() {
        final long nowNs = System.nanoTime();
        if (current != null && nowNs >= agreement.nextDeadlineNs()) {
            agreement.handleTimeout(nowNs);
        }
        for (Outgoing next = agreement.poll(); next != null; next = agreement.poll()) {
            switch (next) {
                case EpochAgreement.Announce one -> send(message("endToEnd").put("key", one.key())
                    .put("mac", one.mac()));
                case EpochAgreement.Rotate one -> {
                    rotating = nextId++;
                    proposed = one.epoch();
                    final ObjectNode made = message("epoch").put("id", rotating).put("epoch", one.epoch());
                    final ArrayNode wrapped = made.putArray("wrapped");
                    one.wrapped().forEach(each -> put(wrapped.addObject(), each));
                    send(made);
                }
                case EpochAgreement.Serve one -> send(put(message("epochFor").put("epoch", one.epoch()),
                    one.wrapped()));
            }
        }
        final ScheduledFuture<?> before = timer;
        if (before != null) {
            before.cancel(false);
        }
        final long deadlineNs = agreement.nextDeadlineNs();
        timer = deadlineNs == Long.MAX_VALUE || stopped ? null
            : executor.schedule(this::step, Math.max(1_000_000, deadlineNs - nowNs), TimeUnit.NANOSECONDS);
    }

    private static ObjectNode put(final ObjectNode in, final Wrapped wrapped) {
        return in.put("participant", wrapped.participant()).put("nonce", wrapped.nonce())
            .put("sealed", wrapped.sealed());
    }

    /** One WebSocket, and what it has received of a message so far. */
    private final class Socket implements WebSocket.Listener {
        private final StringBuilder partial = new StringBuilder();
        private volatile @Nullable WebSocket socket;

        @Override
        public void onOpen(final WebSocket webSocket) {
            socket = webSocket;
            run(() -> heardNs = System.nanoTime());
            webSocket.request(1);
        }

        @Override
        public @Nullable CompletionStage<?> onText(final WebSocket webSocket, final CharSequence data,
            final boolean last) {
            if (partial.length() + data.length() > MAX_MESSAGE_CHARS) {
                webSocket.abort();
                run(() -> lost(this, ABNORMAL));
                return null;
            }
            partial.append(data);
            if (last) {
                final String message = partial.toString();
                partial.setLength(0);
                run(() -> received(this, message));
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(final WebSocket webSocket, final int code, final String reason) {
            run(() -> lost(this, code));
            return null;
        }

        @Override
        public void onError(final WebSocket webSocket, final Throwable error) {
            run(() -> lost(this, ABNORMAL));
        }
    }
}
