package org.chevet.relay.vitals;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.agrona.DirectBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.AlertDecoder;
import org.chevet.codec.vitals.sbe.BlockDecoder;
import org.chevet.codec.vitals.sbe.CloseReason;
import org.chevet.codec.vitals.sbe.ErrorCode;
import org.chevet.codec.vitals.sbe.GapDecoder;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.OpenStreamDecoder;
import org.chevet.codec.vitals.sbe.StreamStateDecoder;
import org.chevet.codec.vitals.sbe.StreamStatus;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a hub and what publishers do to them: open, resume, send, skip, end. Strict order: a block is
 * accepted only as the next one, a repeated one is dropped and counted, a hole must be declared. One thread.
 */
final class StreamDirectory {
    private static final long NS_PER_MS = 1_000_000L;
    /** 13 digits of the French NIR, or 15 with its key; 2A and 2B are departments (REQUIREMENTS O4). */
    private static final Pattern NATIONAL_NUMBER =
        Pattern.compile("(?<!\\d)[1-478]\\d{4}(?:\\d{2}|2[ABab])\\d{6}(?:\\d{2})?(?!\\d)");
    private static final Pattern SEPARATORS = Pattern.compile("[ .\u00A0-]");

    private final VitalsLimits limits;
    private final LaneStats stats;
    private final VitalsHub hub;
    private final Alerts alerts;
    private final Objects objects;
    private final BlockRing.Budget budget;
    /** In order of their opening. */
    private final List<VitalsStream> streams = new ArrayList<>();
    private int lastStreamId;

    StreamDirectory(final VitalsLimits limits, final LaneStats stats, final VitalsHub hub, final Alerts alerts,
        final Objects objects) {
        this.limits = limits;
        this.stats = stats;
        this.hub = hub;
        this.alerts = alerts;
        this.objects = objects;
        budget = new BlockRing.Budget(limits.hubBytes(), limits.maxStreams());
    }

    List<VitalsStream> streams() {
        return streams;
    }

    int size() {
        return streams.size();
    }

    long heldBytes() {
        long sum = 0;
        for (final VitalsStream stream : streams) {
            sum += stream.ring.capacity();
        }
        return sum;
    }

    /** OpenStream: a new stream, or one that resumes. */
    int open(final Connection from, final OpenStreamDecoder in, final long nowNs) {
        final long handle = in.handle();
        final long oldest = in.oldestSequence();
        final long next = in.nextSequence();
        final StreamDefinition definition = StreamDefinition.read(in);
        if (!from.rights.mayPublish(definition.kind())) {
            return refuseOpen(from, handle, ErrorCode.NOT_GRANTED, "the token does not grant to publish "
                + definition.kind());
        }
        final String encryptionFault = hub.encryptionFault(definition.keyId());
        if (encryptionFault != null) {
            stats.count(Counter.VITALS_ENCRYPTION_REFUSED);
            return refuseOpen(from, handle, ErrorCode.NOT_GRANTED, encryptionFault);
        }
        final String alertFault = Alerts.faultOf(definition);
        final String fault = alertFault == null ? Objects.faultOf(definition, oldest) : alertFault;
        if (fault != null) {
            return refuseOpen(from, handle, ErrorCode.INVALID_VALUE, fault);
        }
        if (oldest > next) {
            return refuseOpen(from, handle, ErrorCode.INVALID_VALUE, "oldestSequence is above nextSequence");
        }
        if (looksLikeNationalNumber(definition.name()) || looksLikeNationalNumber(definition.label())) {
            return refuseOpen(from, handle, ErrorCode.INVALID_VALUE,
                "a stream name or label must not hold a national identity number");
        }
        final VitalsStream stream = find(from.participant, definition.name());
        if (stream != null && stream.instance == from.instance) {
            return resume(from, stream, definition, handle, oldest, next, nowNs);
        }
        if (stream != null) {
            remove(stream, CloseReason.REPLACED);
        }
        if (streams.size() >= limits.maxStreams() || count(from.participant) >= limits.maxStreamsPerParticipant()) {
            return refuseOpen(from, handle, ErrorCode.LIMIT_REACHED, "no more streams: at most "
                + limits.maxStreams() + " in a consultation and " + limits.maxStreamsPerParticipant()
                + " of a participant");
        }
        lastStreamId++;
        final VitalsStream created = new VitalsStream(lastStreamId, from.participant, from.instance, definition,
            new BlockRing(budget, ringBytes(definition.kind()), limits.ringBlocks()), oldest, nowNs);
        created.objectBlocks = next;
        streams.add(created);
        attach(from, created, handle);
        hub.announce(created);
        return VitalsHub.ACCEPTED;
    }

    private int ringBytes(final Kind kind) {
        return kind == Kind.OBJECT
            ? Math.min(limits.ringBytes(), Math.max(Objects.RING_BYTES, 2 * limits.maxBlockBytes()))
            : limits.ringBytes();
    }

    private int resume(final Connection from, final VitalsStream stream, final StreamDefinition definition,
        final long handle, final long oldest, final long next, final long nowNs) {
        if (!stream.definition.equals(definition)) {
            return refuseOpen(from, handle, ErrorCode.CONFLICT, "stream '" + definition.name()
                + "' is open with another definition; open it under another name");
        }
        if (next < stream.nextSequence) {
            return refuseOpen(from, handle, ErrorCode.INVALID_VALUE, "nextSequence is below " + stream.nextSequence
                + ", which the relay already holds; a publisher that forgot must come with a new instance");
        }
        if (oldest > stream.nextSequence) {
            stream.lost(oldest, VitalsReader.NO_INDEX);
            hub.blockArrived(stream);
        }
        stats.count(Counter.VITALS_RESUMES);
        stream.holeReported = false;
        stream.lastBlockNs = nowNs;
        // What was delivered meanwhile may be all that the publisher still waits for.
        attach(from, stream, handle).want(View.ACK);
        objects.changed(stream);
        setStatus(stream, StreamStatus.LIVE, nowNs);
        return VitalsHub.ACCEPTED;
    }

    private View attach(final Connection from, final VitalsStream stream, final long handle) {
        final View old = stream.publisher;
        if (old != null && old.connection != from) {
            old.publishing = false;
        }
        final View view = hub.view(from, stream);
        view.publishing = true;
        view.handle = handle;
        view.unacknowledged = 0;
        view.ackDueNs = Long.MAX_VALUE;
        view.want(View.OPENED);
        view.want(View.ALERTS);
        if (Objects.isObject(stream)) {
            view.want(View.CREDIT);
        }
        stream.publisher = view;
        return view;
    }

    /** One Block, or Alert read as a block, whose bytes are kept as they are. */
    int block(final Connection from, final int template, final BlockDecoder in, final DirectBuffer bytes,
        final int offset, final int length, final long nowNs) {
        final View view = publishedBy(from, in.streamId(), template);
        if (view == null) {
            return VitalsHub.REFUSED;
        }
        final VitalsStream stream = view.stream;
        final long sequence = in.sequence();
        if (Objects.isObject(stream) && sequence != stream.nextSequence) {
            // Under way when another part of the file was asked for.
            stats.drop(DropReason.VITALS_DUPLICATE);
            return VitalsHub.DROPPED;
        }
        if (sequence < stream.nextSequence) {
            stats.drop(DropReason.VITALS_DUPLICATE);
            acknowledge(view, nowNs);
            return VitalsHub.DROPPED;
        }
        if (sequence > stream.nextSequence) {
            return hole(from, stream, template);
        }
        final String fault = faultOf(stream, template, in);
        if (fault != null) {
            stream.holeReported = true;
            return hub.refuse(from, ErrorCode.INVALID_VALUE, template, stream.id, sequence, fault);
        }
        if (!stream.ring.append(bytes, offset, length, sequence, in.firstSample(), nowNs)) {
            stream.holeReported = true;
            return hub.refuse(from, ErrorCode.LIMIT_REACHED, template, stream.id, sequence,
                "the relay has no memory left for this stream");
        }
        stream.accepted(sequence, in.firstSample() + in.sampleCount(), nowNs);
        stream.keepLastValue(bytes, offset, length);
        alerts.accepted(stream, bytes, offset, nowNs);
        age(stream, nowNs);
        stats.count(Counter.VITALS_BLOCKS_RECEIVED);
        stats.add(Counter.VITALS_BYTES_RECEIVED, length);
        if (!Objects.isObject(stream)) {
            acknowledge(view, nowNs);
        }
        if (stream.status != StreamStatus.LIVE) {
            setStatus(stream, StreamStatus.LIVE, nowNs);
        }
        hub.blockArrived(stream);
        objects.changed(stream);
        return VitalsHub.ACCEPTED;
    }

    private void age(final VitalsStream stream, final long nowNs) {
        stream.ring.evictOlder(nowNs - Math.max(limits.ringNs(), stream.keepForNs));
    }

    private static @Nullable String faultOf(final VitalsStream stream, final int template, final BlockDecoder in) {
        if ((stream.alerts != null) != (template == AlertDecoder.TEMPLATE_ID)) {
            return "a stream of kind ALERT has Alerts, any other has Blocks";
        }
        final boolean missing = in.flags().missing();
        final boolean discontinuity = in.flags().discontinuity();
        final int payload = in.payloadLength();
        if (stream.alerts != null && payload > Alerts.MAX_PAYLOAD_BYTES) {
            return "the payload of an alert has at most " + Alerts.MAX_PAYLOAD_BYTES + " bytes";
        }
        if (missing) {
            // Sealed, the flag is proved by a message of no samples: nobody on the way can make it up.
            if (payload != 0 && stream.definition.keyId() == 0) {
                return "a block flagged missing has no payload";
            }
        } else {
            final long expected = stream.definition.payloadLength(in.sampleCount());
            if (expected >= 0 && expected != payload) {
                return "the payload has " + payload + " bytes, " + expected + " by sampleCount, channels and format";
            }
        }
        if (stream.nextSample == VitalsReader.NO_INDEX) {
            return null;
        }
        final long first = in.firstSample();
        if (first < stream.nextSample) {
            return "firstSample is below " + stream.nextSample + ", the end of the previous block";
        }
        if (first > stream.nextSample && stream.nextSampleIsExact && !discontinuity) {
            return "firstSample is above " + stream.nextSample + " but the block is not flagged discontinuity";
        }
        return null;
    }

    /** Gap of a publisher: it will never send these. */
    int gap(final Connection from, final GapDecoder in, final long nowNs) {
        final View view = publishedBy(from, in.streamId(), GapDecoder.TEMPLATE_ID);
        if (view == null) {
            return VitalsHub.REFUSED;
        }
        final VitalsStream stream = view.stream;
        if (in.toSequence() <= stream.nextSequence) {
            stats.drop(DropReason.VITALS_DUPLICATE);
            return VitalsHub.DROPPED;
        }
        if (in.fromSequence() > stream.nextSequence) {
            return hole(from, stream, GapDecoder.TEMPLATE_ID);
        }
        final long toSample = in.toSample();
        if (toSample != VitalsReader.NO_INDEX && stream.nextSample != VitalsReader.NO_INDEX
            && toSample < stream.nextSample) {
            return hub.refuse(from, ErrorCode.INVALID_VALUE, GapDecoder.TEMPLATE_ID, stream.id, stream.nextSequence,
                "toSample is below " + stream.nextSample + ", the end of the previous block");
        }
        stream.lost(in.toSequence(), toSample);
        acknowledge(view, nowNs);
        hub.blockArrived(stream);
        return VitalsHub.ACCEPTED;
    }

    /** StreamState of a publisher: ENDED, or LIVE as the heartbeat of an alert stream. */
    int state(final Connection from, final StreamStateDecoder in, final long nowNs) {
        final View view = publishedBy(from, in.streamId(), StreamStateDecoder.TEMPLATE_ID);
        if (view == null) {
            return VitalsHub.REFUSED;
        }
        final VitalsStream stream = view.stream;
        if (in.status() == StreamStatus.LIVE && stream.alerts != null && stream.status != StreamStatus.ENDED) {
            stream.lastBlockNs = nowNs;
            setStatus(stream, StreamStatus.LIVE, nowNs);
            return VitalsHub.ACCEPTED;
        }
        if (in.status() != StreamStatus.ENDED) {
            return hub.refuse(from, ErrorCode.PROTOCOL, StreamStateDecoder.TEMPLATE_ID, stream.id,
                VitalsReader.NO_INDEX, "a publisher may only say ENDED, and LIVE of a stream of kind ALERT");
        }
        if (in.nextSequence() != stream.nextSequence && !Objects.isObject(stream)) {
            return hole(from, stream, StreamStateDecoder.TEMPLATE_ID);
        }
        acknowledge(view, nowNs);
        setStatus(stream, StreamStatus.ENDED, nowNs);
        return VitalsHub.ACCEPTED;
    }

    /** The publisher's connection is gone, or another took its place. */
    void detach(final View view, final long nowNs) {
        if (view.publishing) {
            view.publishing = false;
            if (view.stream.publisher == view) {
                view.stream.publisher = null;
                if (view.stream.status != StreamStatus.ENDED) {
                    setStatus(view.stream, StreamStatus.DETACHED, nowNs);
                }
            }
        }
    }

    /** Takes a stream out of the directory and tells whoever knew it. */
    void remove(final VitalsStream stream, final CloseReason reason) {
        streams.remove(stream);
        stream.ring.release();
        stream.publisher = null;
        for (final View view : new ArrayList<>(stream.views)) {
            hub.closeView(view, reason);
        }
    }

    /** Ages blocks out, notices silence and forgets streams that nobody came back to. */
    void handleTimeout(final long nowNs) {
        List<VitalsStream> expired = List.of();
        for (int i = 0; i < streams.size(); i++) {
            final VitalsStream stream = streams.get(i);
            age(stream, nowNs);
            if (stream.ring.count() == 0) {
                stream.ring.release();
            }
            alerts.handleTimeout(stream, nowNs);
            objects.changed(stream);
            final boolean over = stream.status == StreamStatus.ENDED || stream.status == StreamStatus.DETACHED;
            if (over && nowNs - stream.statusSinceNs >= limits.expiryNs()) {
                if (expired.isEmpty()) {
                    expired = new ArrayList<>();
                }
                expired.add(stream);
            } else if (stream.status == StreamStatus.LIVE && nowNs - stream.lastBlockNs >= silenceNs(stream)) {
                setStatus(stream, StreamStatus.SILENT, nowNs);
            }
        }
        for (int i = 0; i < expired.size(); i++) {
            final VitalsStream stream = expired.get(i);
            remove(stream, stream.status == StreamStatus.ENDED ? CloseReason.ENDED : CloseReason.EXPIRED);
        }
    }

    private long silenceNs(final VitalsStream stream) {
        if (stream.definition.isPeriodic()) {
            return limits.silentNs();
        }
        return stream.definition.staleAfterMs() == 0 ? Long.MAX_VALUE
            : stream.definition.staleAfterMs() * NS_PER_MS;
    }

    private void setStatus(final VitalsStream stream, final StreamStatus status, final long nowNs) {
        if (stream.status == status) {
            return;
        }
        stream.status = status;
        stream.statusSinceNs = nowNs;
        for (int i = 0; i < stream.views.size(); i++) {
            final View view = stream.views.get(i);
            if (view.visible) {
                view.want(View.STATE);
                hub.dirty(view.connection);
            }
        }
    }

    private void acknowledge(final View view, final long nowNs) {
        view.unacknowledged++;
        if (view.unacknowledged >= limits.ackBlocks()) {
            view.ackDueNs = Long.MAX_VALUE;
            view.want(View.ACK);
        } else if (view.ackDueNs == Long.MAX_VALUE) {
            view.ackDueNs = nowNs + limits.ackDelayNs();
            hub.deadline(view.ackDueNs);
        }
    }

    private int hole(final Connection from, final VitalsStream stream, final int template) {
        if (stream.holeReported) {
            stats.drop(DropReason.VITALS_REFUSED);
            return VitalsHub.REFUSED;
        }
        stream.holeReported = true;
        return hub.refuse(from, ErrorCode.OUT_OF_ORDER, template, stream.id, stream.nextSequence,
            "the relay waits for sequence " + stream.nextSequence + "; send it, or a Gap from there");
    }

    private @Nullable View publishedBy(final Connection from, final long streamId, final int template) {
        final View view = from.viewOf(streamId);
        if (view == null || !view.publishing) {
            hub.refuse(from, ErrorCode.UNKNOWN_STREAM, template, streamId, VitalsReader.NO_INDEX,
                "this connection does not publish a stream of this id");
            return null;
        }
        return view;
    }

    private int refuseOpen(final Connection from, final long handle, final ErrorCode code, final String text) {
        return hub.refuse(from, code, OpenStreamDecoder.TEMPLATE_ID, handle, VitalsReader.NO_INDEX, text);
    }

    private @Nullable VitalsStream find(final String participant, final String name) {
        for (final VitalsStream stream : streams) {
            if (stream.participant.equals(participant) && stream.definition.name().equals(name)) {
                return stream;
            }
        }
        return null;
    }

    private int count(final String participant) {
        int count = 0;
        for (final VitalsStream stream : streams) {
            if (stream.participant.equals(participant)) {
                count++;
            }
        }
        return count;
    }

    private static boolean looksLikeNationalNumber(final String text) {
        return NATIONAL_NUMBER.matcher(SEPARATORS.matcher(text).replaceAll("")).find();
    }

}
