package org.chevet.relay.consultation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.chevet.relay.consultation.Admission.Verdict;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ConsultationTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private final List<String> events = new ArrayList<>();
    private final Map<Integer, Long> heard = new HashMap<>();
    private final Consultation consultation = new Consultation("c1", 2,
        connection -> heard.getOrDefault(connection, 0L), new RosterListener() {
            @Override
            public void joined(final RosterParticipant participant) {
                events.add("joined " + participant.id() + " " + participant.connections());
            }

            @Override
            public void changed(final RosterParticipant participant) {
                events.add("changed " + participant.id() + " " + participant.connections());
            }

            @Override
            public void left(final RosterParticipant participant) {
                events.add("left " + participant.id() + " " + participant.connections());
            }
        });

    private static Claims claims(final String id, final Role role) {
        return new Claims(id, "c1", role, "name of " + id, Grants.defaultsOf(role), 0);
    }

    private Admission admit(final int connection, final String id, final ConnectionKind kind, final long nowNs) {
        return consultation.admit(connection, claims(id, Role.COMPANION), kind, nowNs);
    }

    @Test
    @Tag("REQ-P2")
    void aSubscriberIsOnTheRosterAndAnnouncedBeforeAdmitReturns() {
        final Admission admission = admit(1, "doctor", ConnectionKind.WHEP, 0);
        assertTrue(admission.admitted());
        assertEquals(List.of("joined doctor [WHEP]"), events);
        assertEquals("doctor", consultation.roster().getFirst().id());
    }

    @Test
    @Tag("REQ-P2")
    void everyKindOfConnectionIsVisible() {
        for (final ConnectionKind kind : ConnectionKind.values()) {
            admit(kind.ordinal(), "somebody", kind, 0);
            assertTrue(consultation.participant("somebody").orElseThrow().connections().contains(kind));
        }
    }

    @Test
    void theParticipantLeavesWithTheLastConnection() {
        admit(1, "site", ConnectionKind.WHIP, 0);
        admit(2, "site", ConnectionKind.VITALS, 0);
        assertTrue(consultation.release(1));
        assertTrue(consultation.release(2));
        assertFalse(consultation.release(2));
        assertEquals(List.of("joined site [WHIP]", "changed site [VITALS, WHIP]", "changed site [VITALS]",
            "left site []"), events);
        assertEquals(0, consultation.size());
    }

    @Test
    void numbersOfParticipantsAreNeverReused() {
        final int first = admit(1, "a", ConnectionKind.SESSION, 0).participant();
        consultation.release(1);
        assertEquals(first + 1, admit(2, "a", ConnectionKind.SESSION, 0).participant());
    }

    @Test
    void aSecondPublisherOfTheSameIdentityIsRefusedWhileTheFirstIsHeard() {
        admit(1, "site", ConnectionKind.WHIP, 0);
        heard.put(1, 10 * SECOND_NS);
        final Admission refused = admit(2, "site", ConnectionKind.WHIP, 16 * SECOND_NS - 1);
        assertEquals(Verdict.CONFLICT, refused.verdict());
        assertEquals(List.of(1), consultation.connectionsOf("site"));
    }

    @Test
    void aSecondPublisherReplacesOneThatIsSilentForSixSeconds() {
        admit(1, "site", ConnectionKind.WHIP, 0);
        heard.put(1, 10 * SECOND_NS);
        final Admission admission = admit(2, "site", ConnectionKind.WHIP, 16 * SECOND_NS);
        assertTrue(admission.admitted());
        assertEquals(1, admission.replaced());
        assertEquals(List.of(2), consultation.connectionsOf("site"));
        assertFalse(consultation.release(1), "released already");
        assertEquals(List.of("joined site [WHIP]", "changed site [WHIP]"), events);
    }

    @Test
    void oneIdentityHasOneRole() {
        admit(1, "x", ConnectionKind.SESSION, 0);
        assertEquals(Verdict.CONFLICT,
            consultation.admit(2, claims("x", Role.PRACTITIONER), ConnectionKind.SESSION, 0).verdict());
    }

    @Test
    void boundsAreKept() {
        admit(1, "a", ConnectionKind.SESSION, 0);
        admit(2, "b", ConnectionKind.SESSION, 0);
        assertEquals(Verdict.EXHAUSTED, admit(3, "c", ConnectionKind.SESSION, 0).verdict());
        for (int i = 1; i < Consultation.MAX_CONNECTIONS; i++) {
            assertTrue(admit(100 + i, "a", ConnectionKind.VITALS, 0).admitted());
        }
        assertEquals(Verdict.EXHAUSTED, admit(200, "a", ConnectionKind.VITALS, 0).verdict());
        assertEquals(2, consultation.size());
    }

    @Test
    void claimsOfAnotherConsultationAreForbidden() {
        final Claims other = new Claims("a", "c2", Role.GUEST, "", Grants.defaultsOf(Role.GUEST), 0);
        assertEquals(Verdict.FORBIDDEN, consultation.admit(1, other, ConnectionKind.SESSION, 0).verdict());
        assertEquals(List.of(), events);
    }

    @Test
    @Tag("REQ-P4")
    void eachConnectionActsUnderItsOwnGrants() {
        final Claims narrow = new Claims("g", "c1", Role.GUEST, "",
            Grants.parse(List.of("subscribe:audio", "publish:audio")), 0);
        assertTrue(consultation.admit(1, narrow, ConnectionKind.WHEP, 0).admitted());
        assertTrue(consultation.maySubscribe(1, TrackClass.AUDIO));
        assertFalse(consultation.maySubscribe(1, TrackClass.WAVEFORM));
        assertTrue(consultation.mayPublish(1, TrackClass.AUDIO));
        assertFalse(consultation.mayPublish(1, TrackClass.VIDEO));
        assertFalse(consultation.mayPublish(7, TrackClass.AUDIO), "not admitted");
        consultation.release(1);
        assertFalse(consultation.maySubscribe(1, TrackClass.AUDIO), "released");
        final Claims none = new Claims("h", "c1", Role.GUEST, "", Grants.parse(List.of()), 0);
        assertEquals(Verdict.FORBIDDEN, consultation.admit(2, none, ConnectionKind.WHIP, 0).verdict());
        assertEquals(Verdict.FORBIDDEN, consultation.admit(2, none, ConnectionKind.WHEP, 0).verdict());
    }

    @Test
    void aNumberInUseIsABug() {
        admit(1, "a", ConnectionKind.SESSION, 0);
        assertThrows(IllegalArgumentException.class, () -> admit(1, "b", ConnectionKind.SESSION, 0));
    }
}
