package org.chevet.bench.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Janus with its VideoRoom plugin, by the HTTP JSON interface: requests are posted, answers to them come as events of
 * a long poll. Publishers offer; to subscribers Janus offers and they answer.
 */
public final class JanusServer implements MediaServer, AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final long ANSWER_S = 20;
    private static final int FEED_TRIES = 400;
    private static final long FEED_MS = 5;
    private static final int OK = 200;
    private static final int PUBLISHERS = 100;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI base;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final Map<String, Long> numbers = new ConcurrentHashMap<>();
    private final AtomicLong counter = new AtomicLong(1000);
    private volatile long session;
    private volatile boolean closed;
    private volatile @Nullable Thread poller;

    /** By the address of the interface, {@code http://host:port/janus}. */
    public JanusServer(final URI base) {
        this.base = base;
    }

    @Override
    public String name() {
        return "janus";
    }

    @Override
    public boolean takesEarlySubscribers() {
        return false;
    }

    /** True once it answers. */
    public boolean answers() throws InterruptedException {
        try {
            return http.send(HttpRequest.newBuilder(URI.create(base + "/info")).timeout(Duration.ofSeconds(1)).build(),
                HttpResponse.BodyHandlers.discarding()).statusCode() == OK;
        } catch (final IOException e) {
            return false; // not up yet
        }
    }

    private synchronized long session() throws ServerException, InterruptedException {
        if (session == 0) {
            session = JanusReplies.id(post("", request("create")));
            poller = Thread.ofVirtual().name("janus-events").start(this::poll);
        }
        return session;
    }

    private void poll() {
        try {
            while (!closed) {
                final HttpResponse<String> response = http.send(HttpRequest.newBuilder(
                    URI.create(base + "/" + session + "?maxev=10")).timeout(TIMEOUT).build(),
                    HttpResponse.BodyHandlers.ofString());
                for (final JsonNode event : JanusReplies.events(response.body())) {
                    final CompletableFuture<JsonNode> waiter = waiting.remove(JanusReplies.transaction(event));
                    if (waiter != null) {
                        waiter.complete(event);
                    }
                }
            }
        } catch (final IOException | ServerException e) {
            waiting.values().forEach(waiter -> waiter.completeExceptionally(e));
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ObjectNode request(final String what) {
        return JSON.createObjectNode().put("janus", what).put("transaction", "t" + counter.incrementAndGet());
    }

    private JsonNode post(final String path, final ObjectNode body) throws ServerException, InterruptedException {
        try {
            return JanusReplies.read(http.send(HttpRequest.newBuilder(URI.create(base + path)).timeout(TIMEOUT)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString())).build(),
                HttpResponse.BodyHandlers.ofString()).body());
        } catch (final IOException e) {
            throw new ServerException("Janus cannot be reached: " + e, e);
        }
    }

    private String attach() throws ServerException, InterruptedException {
        final String path = "/" + session();
        return path + "/" + JanusReplies.id(post(path, request("attach").put("plugin", "janus.plugin.videoroom")));
    }

    /** Sends a message to the plugin and waits for what it answers, at once or by an event. */
    private JsonNode message(final String handle, final ObjectNode body, final @Nullable ObjectNode jsep)
        throws ServerException, InterruptedException {
        final ObjectNode request = request("message");
        request.set("body", body);
        if (jsep != null) {
            request.set("jsep", jsep);
        }
        final CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(JanusReplies.transaction(request), answer);
        final JsonNode reply = post(handle, request);
        if (!JanusReplies.isAck(reply)) {
            waiting.remove(JanusReplies.transaction(request));
            return reply;
        }
        try {
            final JsonNode event = answer.get(ANSWER_S, TimeUnit.SECONDS);
            JanusReplies.check(event);
            return event;
        } catch (final ExecutionException | TimeoutException e) {
            throw new ServerException("Janus did not answer a message", e);
        }
    }

    /** Janus knows a feed a moment after its publisher's DTLS is through: until then it is asked again. */
    private JsonNode whenThere(final String handle, final ObjectNode join)
        throws ServerException, InterruptedException {
        for (int i = 0;; i++) {
            try {
                return message(handle, join, null);
            } catch (final ServerException e) {
                if (i >= FEED_TRIES || !String.valueOf(e.getMessage()).contains("No such feed")) {
                    throw e;
                }
                Thread.sleep(FEED_MS);
            }
        }
    }

    private static ObjectNode jsep(final String type, final String sdp) {
        return JSON.createObjectNode().put("type", type).put("sdp", sdp);
    }

    /** Janus names rooms and participants by numbers. */
    private long number(final String name) {
        return numbers.computeIfAbsent(name, key -> counter.incrementAndGet());
    }

    @Override
    public void open(final String room) throws ServerException, InterruptedException {
        final String handle = attach();
        message(handle, JSON.createObjectNode().put("request", "create").put("room", number(room))
            .put("publishers", PUBLISHERS).put("audiocodec", "opus").put("videocodec", "vp8")
            .put("notify_joining", false), null);
        detach(handle);
    }

    @Override
    public void close(final String room) throws ServerException, InterruptedException {
        final String handle = attach();
        message(handle, JSON.createObjectNode().put("request", "destroy").put("room", number(room)), null);
        detach(handle);
        numbers.keySet().removeIf(name -> name.equals(room) || name.startsWith(room + "/"));
    }

    private void detach(final String handle) throws ServerException, InterruptedException {
        post(handle, request("detach"));
    }

    @Override
    public void prepare(final String room, final String participant) throws ServerException, InterruptedException {
        session();
    }

    @Override
    public Agreement publish(final String room, final String participant, final LocalEnd local)
        throws ServerException, InterruptedException {
        final String handle = attach();
        final JsonNode event = message(handle, JSON.createObjectNode().put("request", "joinandconfigure")
            .put("ptype", "publisher").put("room", number(room)).put("id", number(room + "/" + participant)),
            jsep("offer", Sdp.sendingOffer(local)));
        return Sdp.agree(Sdp.parse(JanusReplies.description(event)), true, () -> detach(handle));
    }

    @Override
    public Agreement subscribe(final String room, final String participant, final String from, final LocalEnd local)
        throws ServerException, InterruptedException {
        final String handle = attach();
        final ObjectNode join = JSON.createObjectNode().put("request", "join").put("ptype", "subscriber")
            .put("room", number(room));
        join.putArray("streams").addObject().put("feed", number(room + "/" + from));
        final var offer = Sdp.parse(JanusReplies.description(whenThere(handle, join)));
        message(handle, JSON.createObjectNode().put("request", "start").put("room", number(room)),
            jsep("answer", Sdp.receivingAnswer(local, offer)));
        return Sdp.agree(offer, true, () -> detach(handle));
    }

    @Override
    public void close() {
        closed = true;
        final Thread thread = poller;
        if (thread != null) {
            thread.interrupt();
        }
        http.shutdownNow();
    }
}
