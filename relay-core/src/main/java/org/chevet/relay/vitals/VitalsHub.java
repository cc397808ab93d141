package org.chevet.relay.vitals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.chevet.codec.vitals.VitalsCloseCode;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.AlertAckDecoder;
import org.chevet.codec.vitals.sbe.AlertDecoder;
import org.chevet.codec.vitals.sbe.BlockDecoder;
import org.chevet.codec.vitals.sbe.ClockEstimateDecoder;
import org.chevet.codec.vitals.sbe.ClockRequestDecoder;
import org.chevet.codec.vitals.sbe.CloseReason;
import org.chevet.codec.vitals.sbe.CreditDecoder;
import org.chevet.codec.vitals.sbe.ErrorCode;
import org.chevet.codec.vitals.sbe.GapDecoder;
import org.chevet.codec.vitals.sbe.HeartbeatDecoder;
import org.chevet.codec.vitals.sbe.HelloDecoder;
import org.chevet.codec.vitals.sbe.MessageHeaderDecoder;
import org.chevet.codec.vitals.sbe.OpenStreamDecoder;
import org.chevet.codec.vitals.sbe.StreamStateDecoder;
import org.chevet.codec.vitals.sbe.SubscribeDecoder;
import org.chevet.codec.vitals.sbe.UnsubscribeDecoder;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * The device streams of one consultation: protocol {@code chevet.vitals.v1} (relay-core/docs/vitals.md), sans-IO.
 *
 * <p>One thread. Time comes in as {@code nowNs} and only moves forward. Connection numbers are the caller's, unique
 * among open connections. After any {@code open}, {@code handle...}, {@code close}: take {@link #pollDirty()} until
 * -1 and for each connection {@link #pollTransmit} until 0 (or until the socket takes no more; call it again when
 * it does), then look at {@link #closeCode}.
 */
public final class VitalsHub {
    /** The message was taken. */
    public static final int ACCEPTED = 0;
    /** The message was dropped and counted; nothing is wrong with the connection (a duplicate). */
    public static final int DROPPED = 1;
    /** The message was refused; an Error message says why. */
    public static final int REFUSED = 2;
    /** The connection must be closed once its output is drained; see {@link #closeCode}. */
    public static final int CLOSING = 3;

    /** Of {@link #takeLiveArrivalNs}: no block, or one that waited for its subscriber. */
    public static final long NOT_LIVE = Long.MIN_VALUE;

    private static final long SECOND_NS = 1_000_000_000L;
    /** Heartbeats, silence and age are looked at this often. */
    private static final long TICK_NS = SECOND_NS / 4;
    /** More messages a second than this end a connection. */
    private static final int MAX_MESSAGES_PER_SECOND = 20_000;
    /** More bytes a second than this end a connection. */
    private static final long MAX_BYTES_PER_SECOND = 64L << 20;
    /** StreamAnnounced with 64 channels and the longest texts fits. */
    private static final int MAX_CONTROL_BYTES = 16 * 1024;
    private static final int MIN_CLOCK_SAMPLES = 8;

    private final VitalsLimits limits;
    private final LaneStats stats;
    private final Outbox outbox;
    private final Alerts alerts;
    private final Objects objects;
    private final StreamDirectory directory;
    private final Subscriptions subscriptions;
    private final Int2ObjectHashMap<Connection> connections = new Int2ObjectHashMap<>(16, 0.65f, false);
    /** The same, to walk through without garbage. */
    private final List<Connection> inOrder = new ArrayList<>();
    private final ArrayDeque<Connection> dirty = new ArrayDeque<>();
    private final Map<String, ClockOfPublisher> clocks = new HashMap<>();
    private long deadlineNs = Long.MAX_VALUE;

    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final HelloDecoder hello = new HelloDecoder();
    private boolean clearAllowed = true;
    private boolean encryptedAllowed = true;
    private final OpenStreamDecoder openStream = new OpenStreamDecoder();
    private final BlockDecoder block = new BlockDecoder();
    private final GapDecoder gap = new GapDecoder();
    private final StreamStateDecoder streamState = new StreamStateDecoder();
    private final SubscribeDecoder subscribe = new SubscribeDecoder();
    private final UnsubscribeDecoder unsubscribe = new UnsubscribeDecoder();
    private final AlertAckDecoder alertAck = new AlertAckDecoder();
    private final CreditDecoder credit = new CreditDecoder();
    private final ClockRequestDecoder clockRequest = new ClockRequestDecoder();
    private final ClockEstimateDecoder clockEstimate = new ClockEstimateDecoder();

    /**
     * A hub without streams.
     *
     * @param limits bounds
     * @param stats counters of the lane
     * @param relayEpoch random number that tells clients this memory of streams from an earlier one
     * @param utcOffsetNs relay time = nowNs + utcOffsetNs; makes relay time UTC at the start, never stepped after
     */
    public VitalsHub(final VitalsLimits limits, final LaneStats stats, final long relayEpoch,
        final long utcOffsetNs) {
        this.limits = limits;
        this.stats = stats;
        outbox = new Outbox(relayEpoch, utcOffsetNs);
        alerts = new Alerts(stats, this, outbox);
        objects = new Objects(this);
        directory = new StreamDirectory(limits, stats, this, alerts, objects);
        subscriptions = new Subscriptions(limits, stats, this, outbox, objects);
    }

    /** Bytes that {@link #pollTransmit} may write at most, and that a received message may have at most. */
    public int maxMessageBytes() {
        return Math.max(MAX_CONTROL_BYTES, VitalsReader.BLOCK_OVERHEAD + limits.maxBlockBytes());
    }

    /** Streams in the directory now. */
    public int streamCount() {
        return directory.size();
    }

    /** Bytes of blocks that all rings together have room for now. */
    public long heldBytes() {
        return directory.heldBytes();
    }

    /**
     * A connection is there. Returns ACCEPTED, or CLOSING when no more connections are taken.
     *
     * @param connection the caller's number for it
     * @param participant who the token says it is
     * @param rights what it may do
     */
    public int open(final int connection, final String participant, final VitalsRights rights, final long nowNs) {
        final Connection opened = new Connection(connection, participant, rights, nowNs);
        if (connections.putIfAbsent(connection, opened) != null) {
            throw new IllegalStateException("connection " + connection + " is open already");
        }
        inOrder.add(opened);
        deadline(nowNs + TICK_NS);
        final int bytes = participant.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > VitalsReader.MAX_PARTICIPANT) {
            return refuseFatally(opened, ErrorCode.INVALID_VALUE, 0,
                "a participant id has 1 to " + VitalsReader.MAX_PARTICIPANT + " bytes");
        }
        if (connections.size() > limits.maxConnections()) {
            return refuseFatally(opened, ErrorCode.LIMIT_REACHED, 0,
                "no more vitals connections: at most " + limits.maxConnections() + " in a consultation");
        }
        return ACCEPTED;
    }

    /** One message of a connection; never throws on bad bytes. Returns a disposition. The bytes are borrowed. */
    public int handleMessage(final int connection, final DirectBuffer in, final int offset, final int length,
        final long nowNs) {
        final Connection from = connections.get(connection);
        if (from == null || from.closeCode != 0) {
            stats.drop(DropReason.NOT_ADMITTED);
            return CLOSING;
        }
        from.lastReceivedNs = nowNs;
        if (length > maxMessageBytes()) {
            stats.drop(DropReason.VITALS_TOO_LARGE);
            return refuseFatally(from, ErrorCode.TOO_LARGE, 0,
                "a message has at most " + maxMessageBytes() + " bytes");
        }
        if (!from.countReceived(length, nowNs, SECOND_NS, MAX_MESSAGES_PER_SECOND, MAX_BYTES_PER_SECOND)) {
            stats.drop(DropReason.VITALS_REFUSED);
            return refuseFatally(from, ErrorCode.LIMIT_REACHED, 0, "too fast: at most " + MAX_MESSAGES_PER_SECOND
                + " messages and " + MAX_BYTES_PER_SECOND + " bytes a second");
        }
        final int template = VitalsReader.check(in, offset, length);
        if (template < 0) {
            stats.drop(DropReason.VITALS_MALFORMED);
            return refuseFatally(from, ErrorCode.MALFORMED, 0, VitalsReader.describe(template));
        }
        if (from.greeted == (template == HelloDecoder.TEMPLATE_ID)) {
            stats.drop(DropReason.VITALS_REFUSED);
            return refuseFatally(from, ErrorCode.PROTOCOL, template,
                "Hello is the first message of a connection, once");
        }
        final int disposition = dispatch(from, template, in, offset, length, nowNs);
        if (from.hasTransmit()) {
            dirty(from);
        }
        return disposition;
    }

    private int dispatch(final Connection from, final int template, final DirectBuffer in, final int offset,
        final int length, final long nowNs) {
        return switch (template) {
            case HelloDecoder.TEMPLATE_ID ->
                greet(from, hello.wrapAndApplyHeader(in, offset, header), nowNs);
            case OpenStreamDecoder.TEMPLATE_ID ->
                openStream(from, openStream.wrapAndApplyHeader(in, offset, header), nowNs);
            case BlockDecoder.TEMPLATE_ID, AlertDecoder.TEMPLATE_ID ->
                block(from, template, in, offset, length, nowNs);
            case AlertAckDecoder.TEMPLATE_ID ->
                alerts.acknowledge(from, alertAck.wrapAndApplyHeader(in, offset, header), nowNs);
            case GapDecoder.TEMPLATE_ID -> directory.gap(from, gap.wrapAndApplyHeader(in, offset, header), nowNs);
            case StreamStateDecoder.TEMPLATE_ID ->
                directory.state(from, streamState.wrapAndApplyHeader(in, offset, header), nowNs);
            case SubscribeDecoder.TEMPLATE_ID ->
                subscriptions.subscribe(from, subscribe.wrapAndApplyHeader(in, offset, header), nowNs);
            case UnsubscribeDecoder.TEMPLATE_ID ->
                subscriptions.unsubscribe(from, unsubscribe.wrapAndApplyHeader(in, offset, header));
            case CreditDecoder.TEMPLATE_ID ->
                subscriptions.credit(from, credit.wrapAndApplyHeader(in, offset, header));
            case ClockRequestDecoder.TEMPLATE_ID ->
                exchangeClock(from, clockRequest.wrapAndApplyHeader(in, offset, header), nowNs);
            case ClockEstimateDecoder.TEMPLATE_ID ->
                estimateClock(from, clockEstimate.wrapAndApplyHeader(in, offset, header), nowNs);
            case HeartbeatDecoder.TEMPLATE_ID -> ACCEPTED;
            default -> refuse(from, ErrorCode.PROTOCOL, template, 0, VitalsReader.NO_INDEX,
                "only the relay sends this message");
        };
    }

    private int greet(final Connection from, final HelloDecoder in, final long nowNs) {
        from.greeted = true;
        from.instance = in.instance();
        from.version = Math.min(in.maxVersion(), MessageHeaderDecoder.SCHEMA_VERSION);
        from.welcomePending = true;
        for (final Connection other : connections.values()) {
            if (other != from && other.greeted && other.closeCode == 0 && other.instance == from.instance
                && other.participant.equals(from.participant)) {
                takeOver(other, nowNs);
            }
        }
        for (final VitalsStream stream : directory.streams()) {
            show(from, stream);
        }
        return ACCEPTED;
    }

    private int openStream(final Connection from, final OpenStreamDecoder in, final long nowNs) {
        for (final Connection other : connections.values()) {
            if (other != from && other.instance != from.instance && other.closeCode == 0
                && other.participant.equals(from.participant) && other.publishes()) {
                if (nowNs - other.lastReceivedNs < limits.replaceableNs()) {
                    stats.drop(DropReason.VITALS_REFUSED);
                    return refuseFatally(from, ErrorCode.CONFLICT, OpenStreamDecoder.TEMPLATE_ID,
                        "this participant publishes from another instance");
                }
                takeOver(other, nowNs);
            }
        }
        return directory.open(from, in, nowNs);
    }

    /** An Alert begins like a Block: one decoder reads the common part of both. */
    private int block(final Connection from, final int template, final DirectBuffer in, final int offset,
        final int length, final long nowNs) {
        header.wrap(in, offset);
        block.wrap(in, offset + VitalsReader.HEADER_LENGTH, header.blockLength(), header.version());
        return directory.block(from, template, block, in, offset, length, nowNs);
    }

    private void takeOver(final Connection other, final long nowNs) {
        refuseFatally(other, ErrorCode.TAKEN_OVER, 0, "a newer connection of this participant took over");
        for (final View view : other.views) {
            directory.detach(view, nowNs);
        }
    }

    private int exchangeClock(final Connection from, final ClockRequestDecoder in, final long nowNs) {
        if (!from.addClockExchange(
            new Connection.ClockExchange(in.clientSendNs(), outbox.relayTimeNs(nowNs), in.exchange()))) {
            return refuse(from, ErrorCode.LIMIT_REACHED, ClockRequestDecoder.TEMPLATE_ID, 0, VitalsReader.NO_INDEX,
                "too many clock exchanges under way");
        }
        return ACCEPTED;
    }

    private int estimateClock(final Connection from, final ClockEstimateDecoder in, final long nowNs) {
        if (in.samples() < MIN_CLOCK_SAMPLES) {
            return refuse(from, ErrorCode.INVALID_VALUE, ClockEstimateDecoder.TEMPLATE_ID, 0, VitalsReader.NO_INDEX,
                "an estimate rests on at least " + MIN_CLOCK_SAMPLES + " exchanges");
        }
        if (!from.publishes()) {
            // Only the clocks of publishers travel; a subscriber's own is its own affair.
            return ACCEPTED;
        }
        clocks.put(from.participant,
            new ClockOfPublisher(in.offsetNs(), in.uncertaintyNs(), outbox.relayTimeNs(nowNs), in.samples()));
        for (final Connection other : connections.values()) {
            for (final View view : other.views) {
                if (view.visible && view.stream.participant.equals(from.participant)) {
                    view.want(View.CLOCK);
                    dirty(other);
                    break;
                }
            }
        }
        return ACCEPTED;
    }

    /** Writes the next message for a connection and returns its length; 0 when there is none now. */
    public int pollTransmit(final int connection, final MutableDirectBuffer out, final int offset,
        final long nowNs) {
        final Connection to = connections.get(connection);
        if (to == null) {
            return 0;
        }
        final int length = next(to, out, offset, nowNs);
        if (length > 0) {
            to.lastSentNs = nowNs;
        }
        return length;
    }

    /**
     * When the block that {@link #pollTransmit} has just written arrived, once; {@link #NOT_LIVE} for other messages
     * and for blocks from before the subscription, or that waited for credit or for a full socket.
     */
    public long takeLiveArrivalNs() {
        return subscriptions.takeLiveArrivalNs();
    }

    /** The connection's socket is full: what its streams hold now waits for the reader, not for the relay. */
    public void heldBack(final int connection) {
        final Connection found = connections.get(connection);
        if (found != null) {
            for (int i = 0; i < found.views.size(); i++) {
                final View view = found.views.get(i);
                view.liveFrom = view.stream.nextSequence;
            }
        }
    }

    private int next(final Connection to, final MutableDirectBuffer out, final int offset, final long nowNs) {
        if (to.welcomePending) {
            to.welcomePending = false;
            return outbox.welcome(out, offset, to, limits, nowNs);
        }
        final Connection.Refused refused = to.nextRefusal();
        if (refused != null) {
            return outbox.error(out, offset, refused);
        }
        if (to.closeCode != 0) {
            to.forgetTransmit();
            return 0;
        }
        final Connection.ClockExchange exchange = to.nextClockExchange();
        if (exchange != null) {
            return outbox.clockResponse(out, offset, exchange, nowNs);
        }
        if (to.controlPending) {
            final int control = nextControl(to, out, offset);
            if (control > 0) {
                return control;
            }
            to.controlPending = false;
        }
        final int length = subscriptions.deliver(to, out, offset, nowNs);
        if (length > 0) {
            return length;
        }
        if (to.heartbeatPending) {
            to.heartbeatPending = false;
            return outbox.heartbeat(out, offset, nowNs);
        }
        return 0;
    }

    private int nextControl(final Connection to, final MutableDirectBuffer out, final int offset) {
        for (int i = 0; i < to.views.size(); i++) {
            final View view = to.views.get(i);
            final CloseReason closing = view.closing;
            if (closing != null) {
                to.views.remove(i);
                if (view.known) {
                    return outbox.closed(out, offset, view.stream, closing);
                }
                i--;
                continue;
            }
            if (view.wantsNothing()) {
                continue;
            }
            final int length = nextOf(view, out, offset);
            if (length > 0) {
                return length;
            }
        }
        return 0;
    }

    private int nextOf(final View view, final MutableDirectBuffer out, final int offset) {
        final VitalsStream stream = view.stream;
        if (view.take(View.OPENED)) {
            view.known = true;
            return outbox.opened(out, offset, view);
        }
        if (view.take(View.CREDIT) && view.publishing) {
            return objects.credit(stream, out, offset);
        }
        if (view.take(View.ACK) && view.publishing) {
            view.unacknowledged = 0;
            view.ackDueNs = Long.MAX_VALUE;
            return outbox.ack(out, offset, stream);
        }
        if (view.known && view.take(View.ALERTS)) {
            final int length = alerts.next(view, out, offset);
            if (length > 0) {
                return length;
            }
        }
        if (!view.visible) {
            return 0;
        }
        if (view.take(View.ANNOUNCE)) {
            view.known = true;
            view.take(View.STATE);
            return outbox.announced(out, offset, stream);
        }
        if (view.take(View.STATE)) {
            return outbox.state(out, offset, stream);
        }
        if (view.take(View.CLOCK)) {
            final ClockOfPublisher clock = clocks.get(stream.participant);
            if (clock != null) {
                return outbox.publisherClock(out, offset, stream.participant, clock);
            }
        }
        if (view.take(View.LAST_VALUE) && stream.hasLastValue()) {
            return outbox.lastValue(out, offset, stream);
        }
        return view.take(View.SUBSCRIBED) ? outbox.subscribed(out, offset, view) : 0;
    }

    /** True when {@link #pollTransmit} may have something for the connection. */
    public boolean hasTransmit(final int connection) {
        final Connection to = connections.get(connection);
        return to != null && to.hasTransmit();
    }

    /** Takes the number of a connection that has something to send or must be closed; -1 when there is none. */
    public int pollDirty() {
        final Connection next = dirty.poll();
        if (next == null) {
            return -1;
        }
        next.queued = false;
        return next.number;
    }

    /** Lets {@link #pollDirty} give the connection again, as after its socket was full. */
    public void markDirty(final int connection) {
        final Connection found = connections.get(connection);
        if (found != null) {
            dirty(found);
        }
    }

    /** WebSocket close code to close the connection with once {@link #pollTransmit} gives 0; 0 = leave it open. */
    public int closeCode(final int connection) {
        final Connection found = connections.get(connection);
        return found == null ? VitalsCloseCode.PROTOCOL : found.closeCode;
    }

    /** The sentence that goes with {@link #closeCode}. */
    public String closeReason(final int connection) {
        final Connection found = connections.get(connection);
        return found == null ? "no such connection" : found.closeReason;
    }

    /**
     * What is asked of streams that are opened from now on; at first anything goes.
     *
     * @param clear streams may come that are not encrypted from end to end
     * @param encrypted streams may come that are
     */
    public void encryption(final boolean clear, final boolean encrypted) {
        clearAllowed = clear;
        encryptedAllowed = encrypted;
    }

    /** Why a stream with this key id may not be opened; null when it may. */
    @Nullable String encryptionFault(final long keyId) {
        if (keyId == 0 && !clearAllowed) {
            return "This consultation is end-to-end encrypted, and the stream is not (keyId 0).";
        }
        return keyId != 0 && !encryptedAllowed
            ? "This consultation is not end-to-end encrypted: the stream must be in the clear (keyId 0)." : null;
    }

    /** Replaces the rights of a connection; what is no longer allowed ends at once. */
    public void changeRights(final int connection, final VitalsRights rights, final long nowNs) {
        final Connection changed = connections.get(connection);
        if (changed == null || changed.closeCode != 0) {
            return;
        }
        changed.rights = rights;
        for (final View view : new ArrayList<>(changed.views)) {
            if (view.publishing && !rights.mayPublish(view.stream.definition.kind())) {
                directory.remove(view.stream, CloseReason.FORBIDDEN);
            } else if (view.visible && !rights.maySubscribe(view.stream.definition.kind())) {
                hide(view, nowNs);
            }
        }
        if (changed.greeted) {
            for (final VitalsStream stream : directory.streams()) {
                show(changed, stream);
            }
        }
        dirty(changed);
    }

    /** The connection is gone; its number may be used again. */
    public void close(final int connection, final long nowNs) {
        final Connection gone = connections.remove(connection);
        if (gone == null) {
            return;
        }
        inOrder.remove(gone);
        if (gone.queued) {
            dirty.remove(gone);
        }
        for (final View view : gone.views) {
            directory.detach(view, nowNs);
            view.subscribed = false;
            view.stream.views.remove(view);
        }
    }

    /** Tells every connection that the relay goes away. */
    public void shutdown(final long nowNs) {
        for (final Connection connection : connections.values()) {
            refuseFatally(connection, ErrorCode.SHUTTING_DOWN, 0, "the relay is shutting down; connect again");
        }
        deadline(nowNs);
    }

    /** Runs everything that is due. */
    public void handleTimeout(final long nowNs) {
        if (nowNs < deadlineNs) {
            return;
        }
        deadlineNs = connections.isEmpty() && directory.size() == 0 ? Long.MAX_VALUE : nowNs + TICK_NS;
        directory.handleTimeout(nowNs);
        if (directory.size() == 0) {
            clocks.clear();
        }
        for (int i = 0; i < inOrder.size(); i++) {
            if (inOrder.get(i).closeCode == 0) {
                tick(inOrder.get(i), nowNs);
            }
        }
    }

    private void tick(final Connection connection, final long nowNs) {
        if (nowNs - connection.lastReceivedNs >= limits.timeoutNs()) {
            refuseFatally(connection, ErrorCode.TIMEOUT, 0, "nothing was received for "
                + limits.timeoutNs() / SECOND_NS + " s");
            return;
        }
        for (int i = 0; i < connection.views.size(); i++) {
            final View view = connection.views.get(i);
            if (view.ackDueNs <= nowNs) {
                view.ackDueNs = Long.MAX_VALUE;
                view.want(View.ACK);
            } else if (view.publishing) {
                deadline(view.ackDueNs);
            }
        }
        if (connection.greeted && nowNs - connection.lastSentNs >= limits.heartbeatNs()) {
            connection.heartbeatPending = true;
        }
        if (connection.hasTransmit()) {
            dirty(connection);
        }
    }

    /** When {@link #handleTimeout} is wanted; Long.MAX_VALUE = never. May be earlier than needed. */
    public long nextDeadlineNs() {
        return deadlineNs;
    }

    void deadline(final long atNs) {
        deadlineNs = Math.min(deadlineNs, atNs);
    }

    void dirty(final Connection connection) {
        if (!connection.queued) {
            connection.queued = true;
            dirty.add(connection);
        }
    }

    /** Refuses one message and goes on. */
    int refuse(final Connection from, final ErrorCode code, final int template, final long reference,
        final long expected, final String text) {
        stats.drop(DropReason.VITALS_REFUSED);
        from.refuse(code, false, template, reference, expected, text);
        dirty(from);
        return from.closeCode == 0 ? REFUSED : CLOSING;
    }

    private int refuseFatally(final Connection from, final ErrorCode code, final int template, final String text) {
        from.refuse(code, true, template, 0, VitalsReader.NO_INDEX, text);
        dirty(from);
        return CLOSING;
    }

    /** A new stream: everyone with the right sees it. */
    void announce(final VitalsStream stream) {
        for (final Connection connection : connections.values()) {
            if (connection.greeted) {
                show(connection, stream);
            }
        }
    }

    private void show(final Connection to, final VitalsStream stream) {
        if (to.closeCode != 0 || !to.rights.maySubscribe(stream.definition.kind())) {
            return;
        }
        final View view = view(to, stream);
        if (!view.visible) {
            view.visible = true;
            view.want(View.ANNOUNCE);
            view.want(View.CLOCK);
            view.want(View.LAST_VALUE);
            view.want(View.ALERTS);
            dirty(to);
        }
    }

    private void hide(final View view, final long nowNs) {
        if (view.publishing) {
            view.visible = false;
            view.subscribed = false;
            deadline(nowNs);
        } else {
            closeView(view, CloseReason.FORBIDDEN);
        }
    }

    /** The connection's view of a stream, made when there is none. */
    View view(final Connection of, final VitalsStream stream) {
        final View found = of.viewOf(stream.id);
        if (found != null) {
            return found;
        }
        final View view = new View(of, stream);
        of.views.add(view);
        stream.views.add(view);
        if (of.views.size() > Connection.MAX_VIEWS) {
            refuseFatally(of, ErrorCode.LIMIT_REACHED, 0, "too slow: streams come and go unread");
        }
        return view;
    }

    void closeView(final View view, final CloseReason reason) {
        view.stream.views.remove(view);
        view.closeFor(reason);
        dirty(view.connection);
    }

    /** Something new may be delivered to the stream's subscribers. */
    void blockArrived(final VitalsStream stream) {
        for (int i = 0; i < stream.views.size(); i++) {
            final View view = stream.views.get(i);
            if (view.subscribed) {
                view.connection.ready(view);
                dirty(view.connection);
            }
        }
    }
}
