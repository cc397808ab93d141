package org.chevet.relay.client;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.chevet.codec.vitals.sbe.AlertAckState;
import org.jspecify.annotations.Nullable;

/**
 * What an endpoint has acknowledged of one stream's alerts, until they expire: told again after every reconnection,
 * because a relay that restarted has forgotten it. Sans-IO, one thread.
 */
final class AlertAcks {
    private static final int MAX_ALERTS = 256;

    private final Map<Long, Entry> entries = new LinkedHashMap<>();

    /** One alert's acknowledgement. */
    static final class Entry {
        final long alertId;
        long sequence;
        AlertAckState state = AlertAckState.DELIVERED;
        private long expiresNs;
        private boolean pending;

        private Entry(final long alertId) {
            this.alertId = alertId;
        }
    }

    /** A phase of an alert came: it is delivered. A new START is a new alert. */
    void delivered(final VitalsAlert alert, final boolean starts, final long nowNs) {
        final Entry known = entries.get(alert.alertId());
        final Entry entry = known == null || starts ? new Entry(alert.alertId()) : known;
        if (entry != known) {
            entry.pending = true;
            entries.put(alert.alertId(), entry);
        }
        entry.sequence = alert.block().sequence();
        entry.expiresNs = nowNs + (alert.terms().ttlMs() - alert.ageMs()) * 1_000_000L;
        final Iterator<Entry> oldest = entries.values().iterator();
        while (oldest.hasNext()) {
            if (oldest.next().expiresNs <= nowNs) {
                oldest.remove();
            }
        }
        if (entries.size() > MAX_ALERTS) {
            entries.remove(entries.keySet().iterator().next());
        }
    }

    /** Raises the state of an alert; false when it is not known or is over. */
    boolean raise(final long alertId, final AlertAckState state) {
        final Entry entry = entries.get(alertId);
        if (entry == null) {
            return false;
        }
        if (state.value() > entry.state.value()) {
            entry.state = state;
            entry.pending = true;
        }
        return true;
    }

    /** The relay may have forgotten everything. */
    void tellAgain() {
        entries.values().forEach(entry -> entry.pending = true);
    }

    /** Takes an acknowledgement that must be sent, or null. */
    @Nullable Entry take() {
        for (final Entry entry : entries.values()) {
            if (entry.pending) {
                entry.pending = false;
                return entry;
            }
        }
        return null;
    }
}
