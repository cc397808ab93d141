package org.chevet.relay.signal;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Sends each request to what serves its path, and writes what comes back. Shared by all connections. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which is handled
final class Dispatcher {
    /** How long a refused client may go on sending before the connection ends: so that it can read the refusal. */
    static final long LINGER_MS = 1000;
    private static final int RESOURCE_DEPTH = 3;
    private static final int PARTICIPANT_DEPTH = 5;

    private final AtomicInteger underWay = new AtomicInteger();
    private final SignalStats stats;
    private final Cors cors;
    private final MediaEndpoint media;
    private final ApiEndpoint api;
    private final RouteRunner routes;
    private final WebSocketUpgrade upgrade;
    private final Response openApi;
    private final Response sessionSchema;

    Dispatcher(final SignalStats stats, final Cors cors, final MediaEndpoint media, final ApiEndpoint api,
        final RouteRunner routes, final WebSocketUpgrade upgrade, final Response openApi,
        final Response sessionSchema) {
        this.stats = stats;
        this.cors = cors;
        this.media = media;
        this.api = api;
        this.routes = routes;
        this.upgrade = upgrade;
        this.openApi = openApi;
        this.sessionSchema = sessionSchema;
    }

    /** Answers a complete request; on the connection's event loop. */
    void dispatch(final ChannelHandlerContext ctx, final ConnectionGuard guard, final HttpRequest head,
        final byte[] body, final boolean withinRate) {
        stats.count(SignalCounter.HTTP_REQUESTS);
        CompletableFuture<Response> response;
        Map<String, String> corsHeaders = Map.of();
        try {
            final Call call = new Call(head, Target.parse(head.uri()), body);
            corsHeaders = cors.headers(call);
            if (!withinRate) {
                throw new ProblemException(ProblemType.TOO_MANY_REQUESTS,
                    "this connection sends more requests than the relay takes", Map.of("retry-after", "1"));
            }
            check(call);
            if (upgrade.serves(call)) {
                upgrade.begin(ctx, call);
                return;
            }
            response = serve(call, ctx.executor());
        } catch (ProblemException e) {
            response = CompletableFuture.failedFuture(e);
        } catch (RuntimeException e) {
            Faults.log("request", e);
            response = CompletableFuture.failedFuture(Problems.internal());
        }
        final Map<String, String> extra = corsHeaders;
        underWay.incrementAndGet();
        response.whenComplete((value, failure) -> {
            underWay.decrementAndGet();
            write(ctx, guard, head, failure == null ? value : Door.problemOf(failure).response(), extra);
        });
    }

    /** Requests that have no response yet. Any thread. */
    int underWay() {
        return underWay.get();
    }

    /** Refuses what never became a request, and ends the connection. */
    void refuseAndClose(final ChannelHandlerContext ctx, final @Nullable HttpRequest head,
        final ProblemException problem) {
        Map<String, String> extra = Map.of();
        try {
            if (head != null && !head.decoderResult().isFailure()) {
                extra = cors.headers(new Call(head, Target.parse(head.uri()), new byte[0]));
            }
        } catch (ProblemException e) {
            extra = Map.of();
        }
        final FullHttpResponse response = encode(problem.response(), extra, false);
        response.headers().set(HttpHeaderNames.CONNECTION, "close");
        ctx.channel().config().setAutoRead(true);
        ctx.writeAndFlush(response).addListener(done ->
            ctx.executor().schedule(() -> ctx.close(), LINGER_MS, TimeUnit.MILLISECONDS));
    }

    private CompletableFuture<Response> serve(final Call call, final Executor loop) throws ProblemException {
        final List<String> path = call.target().segments();
        final String first = path.isEmpty() ? "" : path.getFirst();
        return switch (first) {
            case "whip", "whep" -> media(call, first.equals("whip"), path, loop);
            case "v1" -> v1(call, path, loop);
            default -> other(call, loop);
        };
    }

    private CompletableFuture<Response> media(final Call call, final boolean publisher, final List<String> path,
        final Executor loop) throws ProblemException {
        if (path.size() < 2 || path.size() > RESOURCE_DEPTH || path.getLast().isEmpty()) {
            throw noSuchPath();
        }
        final boolean collection = path.size() == 2;
        final String methods = collection ? MediaEndpoint.COLLECTION_METHODS : MediaEndpoint.RESOURCE_METHODS;
        if (call.method().equals("OPTIONS")) {
            return done(options(call, methods, collection ? "accept-post" : "accept-patch",
                collection ? MediaEndpoint.SDP : MediaEndpoint.FRAGMENT)
                .with(media.iceServers(call, path.get(1))));
        }
        final String consultation = ApiEndpoint.checkedId("consultation", path.get(1));
        if (collection) {
            return switch (call.method()) {
                case "POST" -> media.create(call, publisher, consultation, loop);
                default -> throw notAllowed(methods);
            };
        }
        final String resource = ApiEndpoint.checkedId("resource", path.get(2));
        return switch (call.method()) {
            case "DELETE" -> media.delete(call, consultation, resource, loop);
            case "PATCH" -> media.patch(call, publisher, consultation, resource, loop);
            default -> throw notAllowed(methods);
        };
    }

    private CompletableFuture<Response> v1(final Call call, final List<String> path, final Executor loop)
        throws ProblemException {
        final String second = path.size() > 1 ? path.get(1) : "";
        final boolean item = path.size() == RESOURCE_DEPTH && !path.get(2).isEmpty();
        if (second.equals("consultations") && item) {
            return consultation(call, path.get(2), loop);
        }
        if (second.equals("consultations") && path.size() == PARTICIPANT_DEPTH && path.get(3).equals("participants")
            && !path.getLast().isEmpty()) {
            return participant(call, path, loop);
        }
        if (path.size() != 2) {
            throw noSuchPath();
        }
        return switch (second) {
            case "consultations" -> switch (call.method()) {
                case "POST" -> api.open(call, loop);
                case "OPTIONS" -> done(options(call, "POST, OPTIONS", "accept-post", "application/json"));
                default -> throw notAllowed("POST, OPTIONS");
            };
            case "tokens" -> switch (call.method()) {
                case "POST" -> api.token(call, loop);
                case "OPTIONS" -> done(options(call, "POST, OPTIONS", "accept-post", "application/json"));
                default -> throw notAllowed("POST, OPTIONS");
            };
            case "openapi.json" -> document(call, openApi);
            case "session.schema.json" -> document(call, sessionSchema);
            case "vitals", "session" -> throw notAllowed("GET");
            default -> throw noSuchPath();
        };
    }

    private CompletableFuture<Response> document(final Call call, final Response document) throws ProblemException {
        return switch (call.method()) {
            case "GET", "HEAD" -> done(document);
            case "OPTIONS" -> done(options(call, "GET, HEAD, OPTIONS", "", ""));
            default -> throw notAllowed("GET, HEAD, OPTIONS");
        };
    }

    private CompletableFuture<Response> consultation(final Call call, final String id, final Executor loop)
        throws ProblemException {
        if (call.method().equals("OPTIONS")) {
            return done(options(call, "GET, DELETE, OPTIONS", "", ""));
        }
        final String checked = ApiEndpoint.checkedId("consultation", id);
        return switch (call.method()) {
            case "GET" -> api.show(call, checked, loop);
            case "DELETE" -> api.close(call, checked, loop);
            default -> throw notAllowed("GET, DELETE, OPTIONS");
        };
    }

    private CompletableFuture<Response> participant(final Call call, final List<String> path, final Executor loop)
        throws ProblemException {
        if (call.method().equals("OPTIONS")) {
            return done(options(call, "DELETE, OPTIONS", "", ""));
        }
        final String consultation = ApiEndpoint.checkedId("consultation", path.get(2));
        final String participant = ApiEndpoint.checkedId("participant", path.getLast());
        return switch (call.method()) {
            case "DELETE" -> api.evict(call, consultation, participant, loop);
            default -> throw notAllowed("DELETE, OPTIONS");
        };
    }

    private CompletableFuture<Response> other(final Call call, final Executor loop) throws ProblemException {
        final Optional<HttpRoute> route = routes.find(call.target().path());
        if (route.isEmpty()) {
            throw noSuchPath();
        }
        if (Cors.isPreflight(call)) {
            return done(options(call, "GET, HEAD, OPTIONS", "", ""));
        }
        return routes.run(route.get(), call, loop);
    }

    private Response options(final Call call, final String methods, final String acceptName, final String accept)
        throws ProblemException {
        final Map<String, String> headers = new TreeMap<>();
        if (Cors.isPreflight(call)) {
            headers.putAll(cors.preflight(call, methods));
        }
        headers.put("allow", methods);
        if (!acceptName.isEmpty()) {
            headers.put(acceptName, accept);
        }
        return Response.empty(204, headers);
    }

    private static void check(final Call call) throws ProblemException {
        final HttpVersion version = call.head().protocolVersion();
        if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
            throw new ProblemException(ProblemType.MALFORMED_REQUEST, "only HTTP/1.1 is spoken here");
        }
        if (version.equals(HttpVersion.HTTP_1_1) && call.header("host").isEmpty()) {
            throw new ProblemException(ProblemType.MALFORMED_REQUEST, "the Host header is missing");
        }
        final String encoding = call.header("content-encoding").orElse("identity");
        if (!encoding.equalsIgnoreCase("identity")) {
            throw new ProblemException(ProblemType.UNSUPPORTED_MEDIA_TYPE, "bodies with content-encoding are not read");
        }
    }

    private void write(final ChannelHandlerContext ctx, final ConnectionGuard guard, final HttpRequest head,
        final Response response, final Map<String, String> extra) {
        if (!ctx.channel().isActive()) {
            return;
        }
        final boolean keepAlive = HttpUtil.isKeepAlive(head);
        final FullHttpResponse message = encode(response, extra, head.method().name().equals("HEAD"));
        HttpUtil.setKeepAlive(message.headers(), head.protocolVersion(), keepAlive);
        guard.responding(ctx);
        final ChannelFuture written = ctx.writeAndFlush(message);
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
            return;
        }
        written.addListener(done -> {
            if (done.isSuccess()) {
                guard.responded(ctx);
                ctx.channel().config().setAutoRead(true);
            } else {
                ctx.close();
            }
        });
    }

    private FullHttpResponse encode(final Response response, final Map<String, String> extra, final boolean isHead) {
        if (response.problem() != null) {
            stats.refuse(response.problem());
        }
        stats.count(SignalCounter.HTTP_RESPONSES);
        final byte[] body = isHead ? new byte[0] : response.body();
        final FullHttpResponse message = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(response.status()), Unpooled.wrappedBuffer(body),
            io.netty.handler.codec.http.DefaultHttpHeadersFactory.headersFactory().newHeaders(),
            EmptyHttpHeaders.INSTANCE);
        final HttpHeaders headers = message.headers();
        response.headers().forEach(headers::set);
        extra.forEach(headers::set);
        headers.set("x-content-type-options", "nosniff");
        if (response.status() != 204) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, response.body().length);
        }
        return message;
    }

    private static CompletableFuture<Response> done(final Response response) {
        return CompletableFuture.completedFuture(response);
    }

    private static ProblemException noSuchPath() {
        return new ProblemException(ProblemType.NO_SUCH_PATH, "there is nothing at this path");
    }

    private static ProblemException notAllowed(final String methods) {
        return new ProblemException(ProblemType.METHOD_NOT_ALLOWED, "this path serves " + methods,
            Map.of("allow", methods));
    }
}
