package org.chevet.bench.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class JanusRepliesTest {
    @Test
    void whatWasCreatedHasAnId() throws ServerException {
        assertEquals(7783258490937719L, JanusReplies.id(JanusReplies.read(
            "{\"janus\":\"success\",\"transaction\":\"t1\",\"data\":{\"id\":7783258490937719}}")));
        assertThrows(ServerException.class, () -> JanusReplies.id(JanusReplies.read("{\"janus\":\"success\"}")));
    }

    @Test
    void refusalsOfJanusAndOfItsPluginAreSentences() {
        assertEquals("Janus refused: No such session", assertThrows(ServerException.class, () -> JanusReplies.read(
            "{\"janus\":\"error\",\"error\":{\"code\":458,\"reason\":\"No such session\"}}")).getMessage());
        assertEquals("Janus's plugin refused: No such feed", assertThrows(ServerException.class,
            () -> JanusReplies.read("{\"janus\":\"event\",\"plugindata\":{\"data\":{\"videoroom\":\"event\","
                + "\"error_code\":428,\"error\":\"No such feed\"}}}")).getMessage());
        assertThrows(ServerException.class, () -> JanusReplies.read("<html>"));
    }

    @Test
    void eventsComeOneOrMany() throws ServerException {
        final JsonNode many = JanusReplies.events("[{\"janus\":\"keepalive\"},"
            + "{\"janus\":\"event\",\"transaction\":\"t9\",\"jsep\":{\"type\":\"offer\",\"sdp\":\"v=0\"}}]");
        assertEquals(2, many.size());
        assertEquals("", JanusReplies.transaction(many.get(0)));
        assertEquals("t9", JanusReplies.transaction(many.get(1)));
        assertEquals("v=0", JanusReplies.description(many.get(1)));
        assertEquals(1, JanusReplies.events("{\"janus\":\"keepalive\"}").size());
        assertThrows(ServerException.class, () -> JanusReplies.description(many.get(0)));
    }

    @Test
    void anAckIsNoAnswer() throws ServerException {
        assertTrue(JanusReplies.isAck(JanusReplies.read("{\"janus\":\"ack\",\"transaction\":\"t2\"}")));
        assertFalse(JanusReplies.isAck(JanusReplies.read("{\"janus\":\"success\"}")));
    }

    @Test
    void theHeapIsReadWhateverTheCollector() {
        assertEquals(20.0 * 1024 * 1024,
            JvmHeap.used(" ZHeap           used 20M, capacity 512M, max capacity 512M"));
        assertEquals(1234.0 * 1024,
            JvmHeap.used(" def new generation   total 9216K, used 1234K [0x0, 0x1)"));
        assertTrue(Double.isNaN(JvmHeap.used("no such thing")));
    }
}
