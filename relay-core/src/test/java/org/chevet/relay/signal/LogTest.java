package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.net.URI;
import java.net.http.WebSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.lane.Refusal.Reason;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@Tag("REQ-O10")
class LogTest {
    private static final class Lines extends AppenderBase<ILoggingEvent> {
        final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        protected void append(final ILoggingEvent event) {
            lines.add(event.getFormattedMessage()
                + (event.getThrowableProxy() == null ? "" : " " + event.getThrowableProxy().getMessage()));
        }
    }

    @Test
    void noLogLineHoldsATokenAnIdOrAnAddress() throws Exception {
        final Logger logger = (Logger) LoggerFactory.getLogger("org.chevet");
        final Lines appender = new Lines();
        appender.start();
        logger.addAppender(appender);
        final Level before = logger.getLevel();
        logger.setLevel(Level.TRACE);
        final String token = SignalHarness.token("participant-seven", Role.COMPANION);
        try (SignalHarness harness = new SignalHarness()) {
            final String offer = SignalHarness.offer("chromium156-av-sendonly");
            harness.whip(token, offer, "?label=secret-label");
            harness.door.refuseAll = Reason.FORBIDDEN;
            harness.whip(token, offer, "");
            harness.door.refuseAll = null;
            harness.http.newWebSocketBuilder().subprotocols(WebSocketUpgrade.SESSION, "bearer." + token)
                .buildAsync(URI.create("ws://127.0.0.1:" + harness.port + "/v1/session"), new WebSocket.Listener() { })
                .join().abort();
            harness.raw("junk " + token + "\r\n\r\n");
            harness.door.broken = true;
            harness.whip(token, offer, "");
        } finally {
            logger.detachAppender(appender);
            logger.setLevel(before);
        }
        assertTrue(appender.lines.stream().anyMatch(line -> line.contains("request failed")), "bugs are logged");
        for (final String line : appender.lines) {
            for (final String sign : List.of(token, "participant-seven", "127.0.0.1", "secret-label",
                "secret-in-message")) {
                assertFalse(line.contains(sign), line);
            }
        }
    }
}
