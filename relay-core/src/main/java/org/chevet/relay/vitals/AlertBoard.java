package org.chevet.relay.vitals;

import java.util.ArrayList;
import java.util.List;
import org.chevet.codec.vitals.sbe.AlertAckState;
import org.chevet.codec.vitals.sbe.AlertDecoder;
import org.chevet.codec.vitals.sbe.AlertPhase;
import org.chevet.codec.vitals.sbe.AlertPriority;
import org.jspecify.annotations.Nullable;

/**
 * The alerts of one stream that are not over yet: what was acknowledged by whom, and what must be escalated. What
 * changed is a numbered note per alert and endpoint, the newest state only, so that a slow connection has a bounded
 * number of them to be told. The alerts themselves are blocks of the ring. One thread.
 */
final class AlertBoard {
    /** Alerts followed at once; the library's publisher has fewer. */
    static final int MAX_ALERTS = 128;
    /** Endpoints whose acknowledgement of one alert is kept. */
    static final int MAX_ENDPOINTS = 64;
    private static final int MAX_EARLY = MAX_ALERTS;
    private static final long NS_PER_MS = 1_000_000L;
    /** Acknowledgements given before a restart of the relay come again within this. */
    private static final long GRACE_NS = 5_000_000_000L;

    /** What everyone who may see the alert is told: an endpoint's acknowledgement, or (no participant) escalation. */
    static final class Note {
        final Alert alert;
        final String participant;
        AlertAckState state = AlertAckState.DELIVERED;
        long version;
        long atNs;

        private Note(final Alert alert, final String participant) {
            this.alert = alert;
            this.participant = participant;
        }

        boolean isEscalation() {
            return participant.isEmpty();
        }
    }

    /** An acknowledgement of an alert that this relay, which restarted, does not have again yet. */
    private record Early(long alertId, long sequence, String participant, AlertAckState state) {
    }

    /** One alert, from its first phase until its time to live is over. */
    static final class Alert {
        final long alertId;
        final long firstSequence;
        final long bornNs;
        long sequence;
        AlertPriority priority = AlertPriority.HIGH;
        private long expiresNs;
        private long escalateAtNs;
        private boolean ended;
        private boolean accepted;
        private final List<Note> notes = new ArrayList<>();

        private Alert(final long alertId, final long firstSequence, final long bornNs) {
            this.alertId = alertId;
            this.firstSequence = firstSequence;
            this.bornNs = bornNs;
        }

        private boolean isClosed() {
            return ended || accepted;
        }
    }

    private final List<Alert> alerts = new ArrayList<>();
    private final List<Early> early = new ArrayList<>();
    private long lastVersion;

    /** Notes a phase of an alert. Returns false when another alert had to be given up for it. */
    boolean phase(final AlertDecoder in, final long nowNs) {
        final long ageNs = in.ageMs() * NS_PER_MS;
        final AlertPhase phase = in.phase();
        Alert alert = find(in.alertId());
        boolean room = true;
        if (alert == null || (phase == AlertPhase.START && alert.ended)) {
            alerts.remove(alert);
            if (alerts.size() >= MAX_ALERTS) {
                alerts.remove(leastUrgent());
                room = false;
            }
            alert = new Alert(in.alertId(), in.sequence(), nowNs - ageNs);
            final long afterNs = in.escalateAfterMs() * NS_PER_MS;
            alert.escalateAtNs = afterNs == 0 ? Long.MAX_VALUE
                : nowNs + Math.max(afterNs - ageNs, Math.min(afterNs, GRACE_NS));
            alerts.add(alert);
            applyEarly(alert, nowNs);
        }
        alert.sequence = in.sequence();
        alert.priority = in.priority();
        alert.expiresNs = nowNs - ageNs + in.ttlMs() * NS_PER_MS;
        alert.ended = phase == AlertPhase.END;
        return room;
    }

    private void applyEarly(final Alert alert, final long nowNs) {
        for (final Early known : early) {
            if (known.alertId == alert.alertId && known.sequence >= alert.firstSequence) {
                acknowledge(alert, known.participant, known.state, nowNs);
            }
        }
        early.removeIf(known -> known.alertId == alert.alertId);
    }

    /**
     * Notes an endpoint's acknowledgement. Returns false when no such alert is followed, or too many endpoints are.
     *
     * @param nextSequence what the stream waits for: an acknowledgement of a later alert waits for it too
     */
    boolean acknowledge(final long alertId, final long sequence, final long nextSequence, final String participant,
        final AlertAckState state, final long nowNs) {
        final Alert alert = find(alertId);
        if (alert == null && sequence >= nextSequence && early.size() < MAX_EARLY) {
            return early.add(new Early(alertId, sequence, participant, state));
        }
        return alert != null && sequence >= alert.firstSequence && acknowledge(alert, participant, state, nowNs);
    }

    private boolean acknowledge(final Alert alert, final String participant, final AlertAckState state,
        final long nowNs) {
        Note note = null;
        for (final Note known : alert.notes) {
            if (known.participant.equals(participant)) {
                note = known;
            }
        }
        if (note == null) {
            if (alert.notes.size() > MAX_ENDPOINTS) {
                return false;
            }
            note = new Note(alert, participant);
            alert.notes.add(note);
        } else if (note.state.value() >= state.value()) {
            return true;
        }
        note.state = state;
        number(note, nowNs);
        alert.accepted |= state == AlertAckState.ACCEPTED;
        return true;
    }

    /** Forgets what is over and escalates what is due; returns how many were escalated. */
    int handleTimeout(final long nowNs) {
        int escalated = 0;
        for (int i = alerts.size() - 1; i >= 0; i--) {
            final Alert alert = alerts.get(i);
            if (nowNs >= alert.expiresNs) {
                alerts.remove(i);
            } else if (nowNs >= alert.escalateAtNs) {
                alert.escalateAtNs = Long.MAX_VALUE;
                if (!alert.isClosed()) {
                    final Note note = new Note(alert, "");
                    alert.notes.add(note);
                    number(note, nowNs);
                    escalated++;
                }
            }
        }
        return escalated;
    }

    /** The oldest note with a higher number, or null. */
    @Nullable Note after(final long version) {
        Note oldest = null;
        for (int i = 0; version < lastVersion && i < alerts.size(); i++) {
            final List<Note> notes = alerts.get(i).notes;
            for (int j = 0; j < notes.size(); j++) {
                final Note note = notes.get(j);
                if (note.version > version && (oldest == null || note.version < oldest.version)) {
                    oldest = note;
                }
            }
        }
        return oldest;
    }

    private void number(final Note note, final long nowNs) {
        lastVersion++;
        note.version = lastVersion;
        note.atNs = nowNs;
    }

    private @Nullable Alert find(final long alertId) {
        for (int i = 0; i < alerts.size(); i++) {
            if (alerts.get(i).alertId == alertId) {
                return alerts.get(i);
            }
        }
        return null;
    }

    /** Closed before open, low before high, old before new. */
    private Alert leastUrgent() {
        Alert least = alerts.getFirst();
        for (final Alert alert : alerts) {
            final boolean closedFirst = alert.isClosed() && !least.isClosed();
            final boolean lower = alert.isClosed() == least.isClosed()
                && alert.priority.value() > least.priority.value();
            if (closedFirst || lower) {
                least = alert;
            }
        }
        return least;
    }
}
