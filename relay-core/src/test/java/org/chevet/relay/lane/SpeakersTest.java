package org.chevet.relay.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.chevet.relay.lane.SessionRequest.Measures;
import org.chevet.relay.lane.SessionRequest.Quality;
import org.chevet.relay.lane.Speakers.Level;
import org.chevet.relay.signal.SessionSchema;
import org.chevet.relay.stream.AudioLevel;
import org.junit.jupiter.api.Test;

/** Active speaker and quality scores. */
class SpeakersTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private final Speakers speakers = new Speakers();
    private final QualityScores scores = new QualityScores();
    private long nowNs = SECOND_NS;

    private JsonNode look(final int first, final int second) {
        assertTrue(speakers.isDue(nowNs));
        final String message =
            speakers.look(List.of(new Level(1, "nurse", first), new Level(2, "doctor", second)), nowNs);
        assertFalse(speakers.isDue(nowNs + Speakers.PERIOD_NS - 1), "at most five a second");
        nowNs += Speakers.PERIOD_NS;
        return message == null ? null : SessionSchema.fromRelay(message);
    }

    @Test
    void theActiveSpeakerIsTheLoudestAndOnlyAMarginChangesIt() {
        assertNull(look(AudioLevel.SILENT, AudioLevel.SILENT), "silence is how it starts");
        assertEquals(1, look(-30, -60).path("active").asInt());
        assertNull(look(-31, -61), "no change worth a message");
        final JsonNode closer = look(-31, -27);
        assertEquals(1, closer.path("active").asInt(), "4 dB are no margin");
        assertEquals(-27, closer.path("levels").get(1).path("dbov").asInt());
        assertEquals("doctor", closer.path("levels").get(1).path("participant").asText());
        assertEquals(2, look(-40, -27).path("active").asInt());
        assertTrue(look(-55, -56).path("active").isNull());
        assertTrue(speakers.nextDeadlineNs() < Long.MAX_VALUE, "who falls silent is told though nothing comes");
        assertNotNull(look(AudioLevel.SILENT, AudioLevel.SILENT));
        assertEquals(Long.MAX_VALUE, speakers.nextDeadlineNs());
        assertNull(look(AudioLevel.SILENT, AudioLevel.SILENT));
        assertNotNull(speakers.look(List.of(new Level(1, "nurse", AudioLevel.SILENT)), nowNs), "one track is gone");
    }

    @Test
    void scoresFollowTheFormula() {
        assertEquals(99, QualityScores.score(new Measures(0, 0, 0, 0)));
        assertEquals(98, QualityScores.score(new Measures(0, 5, 60, 0)));
        assertEquals(66, QualityScores.score(new Measures(5, 0, 0, 0)), "95 * 5 / 15 of 93.2 is lost");
        assertEquals(75, QualityScores.score(new Measures(0, 0, 600, 0)));
        assertEquals(50, QualityScores.score(new Measures(0, 0, 0, 50)));
        assertEquals(0, QualityScores.score(new Measures(100, 60_000, 60_000, 0)));
        int last = 100;
        for (int loss = 0; loss <= 100; loss++) {
            final int score = QualityScores.score(new Measures(loss, 0, 40, 0));
            assertTrue(score <= last && score >= 0);
            last = score;
        }
    }

    @Test
    void scoresAreToldEveryTwoSecondsWhenTheyChange() {
        assertEquals(Long.MAX_VALUE, scores.nextDeadlineNs());
        final Quality good = new Quality(SessionRequest.NO_ID, new Measures(0, 1, 20, 0), null);
        assertTrue(scores.onReport("nurse", good, nowNs));
        assertFalse(scores.onReport("nurse", good, nowNs + 1), "more than one a second");
        nowNs = scores.nextDeadlineNs();
        assertEquals(3 * SECOND_NS, nowNs);
        final JsonNode told = SessionSchema.fromRelay(scores.look(nowNs));
        assertEquals("nurse", told.path("scores").get(0).path("participant").asText());
        assertEquals(99, told.path("scores").get(0).path("up").asInt());
        assertTrue(told.path("scores").get(0).path("down").isNull());
        assertTrue(scores.onReport("nurse", good, nowNs));
        assertNull(scores.look(nowNs + QualityScores.PERIOD_NS));
        assertNotNull(scores.look(nowNs + QualityScores.MAX_AGE_NS + 1), "a client that says nothing has no score");
        assertEquals(Long.MAX_VALUE, scores.nextDeadlineNs());
    }
}
