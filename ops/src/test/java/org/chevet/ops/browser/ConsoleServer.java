package org.chevet.ops.browser;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.Executors;
import org.chevet.ops.console.ConsoleRoute;
import org.chevet.relay.signal.HttpRoute;
import org.chevet.relay.signal.HttpRoute.Reply;
import org.chevet.relay.signal.HttpRoute.Request;

/** A route without a relay, on a loopback port: the console for pages that bring a fake relay with them. */
final class ConsoleServer implements AutoCloseable {
    private final HttpServer server;
    private final HttpRoute route;

    /** Serves the console. */
    ConsoleServer() throws IOException {
        this(new ConsoleRoute());
    }

    /** Serves another route. */
    ConsoleServer(final HttpRoute route) throws IOException {
        this.route = route;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    /** Address of a path. */
    String url(final String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    /** The script that puts a relay into the page, after a line of configuration. */
    static String fakeRelay(final String configuration) {
        try (InputStream in = ConsoleServer.class.getResourceAsStream("/browser/fake-relay.js")) {
            if (in == null) {
                throw new IllegalStateException("fake-relay.js is not on the class path");
            }
            return "window.fakeRelayConfig = " + configuration + ";\nlocalStorage.setItem('chevet.language', 'en');\n"
                + new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A token as pages read it; nobody checks its signature here. */
    static String token(final String role, final long expiresAtS) {
        final String claims = "{\"sub\":\"me\",\"consultation\":\"c1\",\"role\":\"" + role + "\",\"name\":\"Dr Test\","
            + "\"exp\":" + expiresAtS + "}";
        return "e30." + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(StandardCharsets.UTF_8))
            + ".c2ln";
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(final HttpExchange exchange) throws IOException {
        final Reply reply = route.handle(new Request(exchange.getRequestMethod(), exchange.getRequestURI().getPath(),
            Map.of(), Map.of(), new byte[0]));
        reply.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        exchange.sendResponseHeaders(reply.status(), reply.body().length == 0 ? -1 : reply.body().length);
        if (reply.body().length > 0) {
            exchange.getResponseBody().write(reply.body());
        }
        exchange.close();
    }
}
