package org.chevet.relay.vitals;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.AlertAckDecoder;
import org.chevet.codec.vitals.sbe.AlertAckEncoder;
import org.chevet.codec.vitals.sbe.AlertAckState;
import org.chevet.codec.vitals.sbe.AlertDecoder;
import org.chevet.codec.vitals.sbe.AlertEscalationEncoder;
import org.chevet.codec.vitals.sbe.ClinicalClass;
import org.chevet.codec.vitals.sbe.ErrorCode;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.MessageHeaderDecoder;
import org.chevet.codec.vitals.sbe.MessageHeaderEncoder;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * What streams of kind ALERT have beyond others: acknowledgements from endpoint to endpoint, escalation of what nobody
 * accepted, retention as long as an alert lives. The relay makes no alert and reads no content. One thread.
 */
final class Alerts {
    /** Longest heartbeat of an alert stream: "no alert" must differ from "no link". */
    static final long MAX_HEARTBEAT_MS = 60_000;
    /** Largest payload of an alert: it goes first in every queue and must not fill it. */
    static final int MAX_PAYLOAD_BYTES = 4_096;
    private static final int AGE_AT = VitalsReader.HEADER_LENGTH + AlertDecoder.ageMsEncodingOffset();
    private static final long NS_PER_MS = 1_000_000L;

    private final LaneStats stats;
    private final VitalsHub hub;
    private final Outbox outbox;
    private final MessageHeaderDecoder inHeader = new MessageHeaderDecoder();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final AlertDecoder alert = new AlertDecoder();
    private final AlertAckEncoder ack = new AlertAckEncoder();
    private final AlertEscalationEncoder escalation = new AlertEscalationEncoder();

    Alerts(final LaneStats stats, final VitalsHub hub, final Outbox outbox) {
        this.stats = stats;
        this.hub = hub;
        this.outbox = outbox;
    }

    /** Why a stream cannot be opened, or null: an ALERT stream is aperiodic, of class ALARM, and has a heartbeat. */
    static @Nullable String faultOf(final StreamDefinition definition) {
        final boolean alert = definition.kind() == Kind.ALERT;
        if (alert != (definition.clinicalClass() == ClinicalClass.ALARM)) {
            return "class ALARM is for streams of kind ALERT, and they have no other";
        }
        if (!alert) {
            return null;
        }
        if (definition.isPeriodic()) {
            return "a stream of kind ALERT is aperiodic";
        }
        return definition.staleAfterMs() < 1 || definition.staleAfterMs() > MAX_HEARTBEAT_MS
            ? "a stream of kind ALERT says in staleAfterMs how long it may be silent: 1 to " + MAX_HEARTBEAT_MS : null;
    }

    /** An Alert was accepted as a block of the stream. */
    void accepted(final VitalsStream stream, final DirectBuffer in, final int offset, final long nowNs) {
        final AlertBoard board = stream.alerts;
        if (board == null) {
            return;
        }
        alert.wrapAndApplyHeader(in, offset, inHeader);
        stream.keepForNs = Math.max(stream.keepForNs, alert.ttlMs() * NS_PER_MS);
        if (!board.phase(alert, nowNs)) {
            stats.drop(DropReason.VITALS_ALERT_NOT_FOLLOWED);
        }
        tellAll(stream);
    }

    /** AlertAck of an endpoint. */
    int acknowledge(final Connection from, final AlertAckDecoder in, final long nowNs) {
        final View view = from.viewOf(in.streamId());
        final AlertBoard board = view == null || !view.visible ? null : view.stream.alerts;
        if (view == null || board == null) {
            return hub.refuse(from, ErrorCode.UNKNOWN_STREAM, AlertAckDecoder.TEMPLATE_ID, in.streamId(),
                VitalsReader.NO_INDEX, "no stream of kind ALERT and this id was announced to this connection");
        }
        final AlertAckState state = in.state();
        if (!board.acknowledge(in.alertId(), in.sequence(), view.stream.nextSequence, from.participant, state,
            nowNs)) {
            // Over, or from before a restart of the relay: nobody waits for it.
            stats.drop(DropReason.VITALS_ALERT_NOT_FOLLOWED);
            return VitalsHub.DROPPED;
        }
        tellAll(view.stream);
        return VitalsHub.ACCEPTED;
    }

    /** Escalates what nobody accepted in time. */
    void handleTimeout(final VitalsStream stream, final long nowNs) {
        final AlertBoard board = stream.alerts;
        if (board != null) {
            final int escalated = board.handleTimeout(nowNs);
            if (escalated > 0) {
                stats.add(Counter.VITALS_ALERTS_ESCALATED, escalated);
                tellAll(stream);
            }
        }
    }

    private void tellAll(final VitalsStream stream) {
        for (int i = 0; i < stream.views.size(); i++) {
            final View view = stream.views.get(i);
            if (view.visible || view.publishing) {
                view.want(View.ALERTS);
                hub.dirty(view.connection);
            }
        }
    }

    /** Writes the next acknowledgement or escalation that the view was not told; 0 = none. */
    int next(final View view, final MutableDirectBuffer out, final int offset) {
        final AlertBoard board = view.stream.alerts;
        final AlertBoard.Note note = board == null ? null : board.after(view.alertVersion);
        if (note == null) {
            return 0;
        }
        view.alertVersion = note.version;
        view.want(View.ALERTS);
        final AlertBoard.Alert of = note.alert;
        if (note.isEscalation()) {
            escalation.wrapAndApplyHeader(out, offset, header).alertId(of.alertId).sequence(of.sequence)
                .relayTimeNs(outbox.relayTimeNs(note.atNs)).streamId(view.stream.id)
                .ageMs((note.atNs - of.bornNs) / NS_PER_MS).priority(of.priority);
            return VitalsReader.HEADER_LENGTH + escalation.encodedLength();
        }
        ack.wrapAndApplyHeader(out, offset, header).alertId(of.alertId).sequence(of.sequence)
            .streamId(view.stream.id).state(note.state).participant(note.participant);
        return VitalsReader.HEADER_LENGTH + ack.encodedLength();
    }

    /** Adds the time that a copy of a kept Alert waited here to its age. */
    static void addAge(final MutableDirectBuffer out, final int offset, final long waitedNs) {
        final long age = (out.getInt(offset + AGE_AT, LITTLE_ENDIAN) & 0xFFFF_FFFFL) + waitedNs / NS_PER_MS;
        out.putInt(offset + AGE_AT, (int) Math.min(age, 0xFFFF_FFFEL), LITTLE_ENDIAN);
    }
}
