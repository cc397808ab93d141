package org.chevet.relay.client;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.chevet.codec.vitals.sbe.AlertAckState;
import org.chevet.codec.vitals.sbe.AlertPhase;
import org.chevet.codec.vitals.sbe.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Sends the alerts of a device: carries what the device says, decides nothing. An alert is kept here until a person
 * accepted it or its time to live is over, and goes to a relay that lost it again. While connected, the stream has a
 * heartbeat, so that receivers can tell "no alert" from "no link".
 *
 * <p>Safe on any thread; the listener is called on the publisher's thread.
 */
public final class AlertPublisher {
    /** Alerts that may be open at once. */
    public static final int MAX_OPEN = 64;
    private static final long NS_PER_MS = 1_000_000L;

    /** What happens to alerts. Must not block. */
    public interface Listener {
        /** An endpoint has the alert, has shown it, or a person there accepted it. May be told again. */
        default void onAck(final long alertId, final String participant, final AlertAckState state) {
        }

        /** Nobody accepted the alert in time: the relay told everyone who may receive it. */
        default void onEscalated(final long alertId, final long ageMs) {
        }
    }

    private final Publication publication;
    private final PublisherMachine machine;
    private final Listener listener;
    private final List<Open> open = new ArrayList<>();
    private long lastAlertId;

    /** An alert that is not accepted and not expired. */
    private static final class Open {
        private final long alertId;
        private final long firstSequence;
        private VitalsAlert.Terms terms;
        private long expiresNs;
        private boolean accepted;

        Open(final long alertId, final long firstSequence, final VitalsAlert.Terms terms) {
            this.alertId = alertId;
            this.firstSequence = firstSequence;
            this.terms = terms;
        }
    }

    private AlertPublisher(final Publication publication, final PublisherMachine machine, final Listener listener) {
        this.publication = publication;
        this.machine = machine;
        this.listener = listener;
    }

    /** Opens a stream of kind ALERT, see {@link StreamSpec#alerts}. */
    public static AlertPublisher open(final VitalsPublisher publisher, final StreamSpec spec,
        final Listener listener) {
        if (spec.kind() != Kind.ALERT) {
            throw new IllegalArgumentException("a stream of kind " + spec.kind() + " has no alerts");
        }
        return attach(publisher.open(spec), listener);
    }

    static AlertPublisher attach(final Publication publication, final Listener listener) {
        final AlertPublisher alerts = new AlertPublisher(publication, publication.machine(), listener);
        publication.alerts(alerts);
        return alerts;
    }

    /** The stream. */
    public Publication publication() {
        return publication;
    }

    /**
     * Sends a new alert.
     *
     * @param terms with phase START
     * @param deviceTimeNs device time of what it tells; Long.MIN_VALUE = not known
     * @param content opaque to the relay, at most 4096 bytes; copied
     * @return its number, or empty when {@link #MAX_OPEN} are open: tell the people at the device
     */
    public OptionalLong raise(final VitalsAlert.Terms terms, final long deviceTimeNs, final ByteBuffer content) {
        if (terms.phase() != AlertPhase.START) {
            throw new IllegalArgumentException("an alert begins with START");
        }
        final long[] result = {-1};
        machine.guarded(nowNs -> {
            prune(nowNs);
            if (open.size() >= MAX_OPEN) {
                return false;
            }
            final Open alert = new Open(lastAlertId + 1, publication.nextSequenceHere(), terms);
            if (!publication.acceptAlert(alert.alertId, terms, deviceTimeNs, content, nowNs)) {
                return false;
            }
            lastAlertId++;
            alert.expiresNs = nowNs + terms.ttlMs() * NS_PER_MS;
            open.add(alert);
            keep();
            result[0] = alert.alertId;
            return true;
        });
        return result[0] < 0 ? OptionalLong.empty() : OptionalLong.of(result[0]);
    }

    /**
     * Sends the next phase of an alert; its time to live begins anew.
     *
     * @return false when the alert is accepted and over, or expired, or the stream takes no more now
     */
    public boolean proceed(final long alertId, final AlertPhase phase, final long deviceTimeNs,
        final ByteBuffer content) {
        return machine.guarded(nowNs -> {
            prune(nowNs);
            final Open alert = find(alertId);
            if (alert == null) {
                return false;
            }
            final VitalsAlert.Terms terms = alert.terms.in(phase);
            if (!publication.acceptAlert(alertId, terms, deviceTimeNs, content, nowNs)) {
                return false;
            }
            alert.terms = terms;
            alert.expiresNs = nowNs + terms.ttlMs() * NS_PER_MS;
            return true;
        });
    }

    /** Alerts that nobody has accepted and that have not expired. */
    public int unaccepted() {
        return machine.read(() -> (int) open.stream().filter(alert -> !alert.accepted).count());
    }

    void acknowledged(final long alertId, final String participant, final AlertAckState state) {
        final Open alert = find(alertId);
        if (alert != null && state == AlertAckState.ACCEPTED) {
            alert.accepted = true;
        }
        listener.onAck(alertId, participant, state);
    }

    void escalated(final long alertId, final long ageMs) {
        listener.onEscalated(alertId, ageMs);
    }

    /** Forgets what is over. */
    void prune(final long nowNs) {
        if (open.removeIf(alert -> nowNs >= alert.expiresNs
            || (alert.accepted && alert.terms.phase() == AlertPhase.END))) {
            keep();
        }
    }

    private void keep() {
        publication.keepFrom(open.stream().mapToLong(alert -> alert.firstSequence).min().orElse(Long.MAX_VALUE));
    }

    private @Nullable Open find(final long alertId) {
        for (final Open alert : open) {
            if (alert.alertId == alertId) {
                return alert;
            }
        }
        return null;
    }
}
