package org.chevet.relay.sctp;

import static org.chevet.codec.wire.BigEndian.i32;

import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.sctp.ChunkType;
import org.chevet.codec.sctp.DataChunk;
import org.chevet.codec.sctp.ForwardTsnChunk;
import org.chevet.codec.sctp.InitChunk;
import org.chevet.codec.sctp.SackChunk;
import org.chevet.codec.sctp.SctpPacket;
import org.chevet.codec.sctp.SctpWriter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;

/**
 * One SCTP association inside DTLS (RFC 9260 over RFC 8261), either side of it: sans-IO, one thread, time comes in.
 *
 * <p>Handshake, dispatch and packets are here; what is received, what is sent, timers and stream resets are objects of
 * their own that do not know each other. After every {@code handlePacket}, {@code handleTimeout}, {@code send} and
 * {@code resetStream} drain {@link #pollTransmit}. Bad input is counted under a {@link DropReason} and changes
 * nothing, or ends the association. {@code docs/sctp.md} lists the MUSTs that are skipped, and what allocates.
 */
public final class SctpAssociation {
    /** Disposition: at least one chunk was of use. */
    public static final int HANDLED = 0;
    /** Disposition: the packet was refused, and counted. */
    public static final int REFUSED = 1;

    /** Outcome of send: taken. */
    public static final int SENT = 0;
    /** Outcome of send: the send buffer is full; wait for the low-water signal. */
    public static final int BUFFER_FULL = 1;
    /** Outcome of send: larger than the peer takes, or empty. */
    public static final int BAD_LENGTH = 2;
    /** Outcome of send: not established, no such stream, or the stream is being reset. */
    public static final int NOT_OPEN = 3;

    /** Streams each way, ids 0 to 1023, as browsers number their channels. */
    public static final int MAX_STREAMS = 1024;
    /** Bytes of the largest packet sent: whole words that fit DTLS datagrams of 1200 (1163; RFC 8261 section 5). */
    public static final int MTU = 1160;
    /** Priority of a channel that says nothing (RFC 8831 section 6.4). */
    public static final int PRIORITY_NORMAL = 256;
    /** Priority from which on a stream may use all of the send buffer. */
    public static final int PRIORITY_HIGH = 512;
    /** Retransmissions of INIT and COOKIE ECHO (RFC 9260 section 16). */
    public static final int MAX_INIT_RETRANSMITS = 8;
    /** Retransmissions in a row after which the peer counts as gone (section 16). */
    public static final int MAX_RETRANSMITS = 10;
    /** Longest a SACK is held back. */
    public static final long ACK_DELAY_NS = 200_000_000L;

    private static final long NS_PER_MS = 1_000_000L;
    private static final int CAUSE_OUT_OF_RESOURCE = 4;
    private static final int CAUSE_INVALID_PARAMETER = 7;
    private static final int CAUSE_USER = 12;
    private static final int CAUSE_PROTOCOL = 13;
    private static final int ACK_EVERY = 2;

    private final SctpConfig config;
    private final SctpListener listener;
    private final LaneStats stats;
    private final RandomGenerator random;

    private final SctpPacket packet = new SctpPacket();
    private final SctpWriter writer = new SctpWriter();
    private final InitChunk init = new InitChunk();
    private final DataChunk data = new DataChunk();
    private final SackChunk sack = new SackChunk();
    private final ForwardTsnChunk forward = new ForwardTsnChunk();

    private final SctpTimers timers = new SctpTimers();
    private final ReceiveSide rx;
    private final SendSide tx = new SendSide(MTU);
    private final ResetDialogue resets;

    private final Handshake current = new Handshake();
    private final Handshake proposed = new Handshake();
    private final UnsafeBuffer peerCookie = new UnsafeBuffer(0, 0);
    private final ControlChunks control = new ControlChunks();

    private SctpState state = SctpState.NEW;
    private int tries;
    private long initTimeoutNs = RetransmissionTimeout.INITIAL_NS;
    private boolean interleaved;
    private int outboundStreams;
    private int unackedPackets;
    private boolean isUseful;
    private boolean sawData;
    private int lastSack;

    /** An association that waits for the peer's INIT, or for {@link #connect}; {@code random} makes its tags. */
    public SctpAssociation(final SctpConfig config, final SctpListener listener, final LaneStats stats,
        final RandomGenerator random) {
        this.config = config;
        this.listener = listener;
        this.stats = stats;
        this.random = random;
        rx = new ReceiveSide(config.receiveWindow(), config.maxReceiveMessage(), listener::onMessage);
        resets = new ResetDialogue(rx, tx, timers, listener);
    }

    /** Sends INIT. Both sides may; when they cross, one association comes of it (RFC 9260 section 5.2.1). */
    public void connect(final long nowNs) {
        if (state != SctpState.NEW) {
            return;
        }
        current.localTag = Handshake.newTag(random);
        current.localTsn = random.nextInt();
        state = SctpState.COOKIE_WAIT;
        control.add(ControlChunks.INIT);
        timers.set(SctpTimers.T1, nowNs + initTimeoutNs);
    }

    /**
     * Takes one decrypted DTLS record. The bytes are borrowed for the call.
     *
     * @return {@link #HANDLED} or {@link #REFUSED}; refusals are counted
     */
    public int handlePacket(final DirectBuffer in, final int offset, final int length, final long nowNs) {
        if (!packet.wrap(in, offset, length)) {
            return refuse(DropReason.SCTP_MALFORMED);
        }
        if (!packet.isChecksumRight()) {
            return refuse(DropReason.SCTP_BAD_CHECKSUM);
        }
        packet.next();
        if (packet.sourcePort() != config.remotePort() || packet.destinationPort() != config.localPort()
            || !Handshake.isTagRight(packet, current, proposed)) {
            return refuse(DropReason.SCTP_BAD_TAG);
        }
        if (state == SctpState.CLOSED) {
            return refuse(DropReason.SCTP_UNEXPECTED);
        }
        isUseful = false;
        sawData = false;
        lastSack = packet.lastOf(ChunkType.SACK);
        rx.startPacket();
        while (state != SctpState.CLOSED && packet.next() && handleChunk(nowNs)) {
            isUseful |= state == SctpState.CLOSED;
        }
        if (state != SctpState.CLOSED) {
            afterPacket(nowNs);
        }
        return isUseful ? HANDLED : REFUSED;
    }

    private int refuse(final DropReason reason) {
        stats.drop(reason);
        return REFUSED;
    }

    private void bad(final DropReason reason) {
        stats.drop(reason);
    }

    /** Handles the current chunk; false when the rest of the packet is not to be looked at. */
    private boolean handleChunk(final long nowNs) {
        final int type = packet.chunkType();
        switch (type) {
            case ChunkType.DATA, ChunkType.I_DATA -> onData();
            case ChunkType.SACK -> onSack(nowNs);
            case ChunkType.INIT -> onInit();
            case ChunkType.INIT_ACK -> onInitAck(nowNs);
            case ChunkType.COOKIE_ECHO -> {
                return onCookieEcho();
            }
            case ChunkType.COOKIE_ACK -> onCookieAck();
            case ChunkType.HEARTBEAT -> onHeartbeat();
            case ChunkType.ABORT -> {
                isUseful = true;
                close(SctpListener.End.ABORTED_BY_PEER);
            }
            case ChunkType.SHUTDOWN -> onShutdown(nowNs);
            case ChunkType.SHUTDOWN_ACK -> onShutdownAck();
            case ChunkType.SHUTDOWN_COMPLETE -> onShutdownComplete();
            case ChunkType.FORWARD_TSN, ChunkType.I_FORWARD_TSN -> onForwardTsn();
            case ChunkType.RE_CONFIG -> onReconfig(nowNs);
            case ChunkType.ERROR, ChunkType.HEARTBEAT_ACK -> isUseful = true;
            default -> {
                return onUnknown(type);
            }
        }
        return true;
    }

    private boolean onUnknown(final int type) {
        bad(DropReason.SCTP_UNEXPECTED);
        if (ChunkType.reportsUnknown(type) && isUp()) {
            control.reportUnknown(packet);
        }
        return ChunkType.skipsUnknown(type);
    }

    private boolean isUp() {
        return state.compareTo(SctpState.ESTABLISHED) >= 0 && state != SctpState.CLOSED;
    }

    private void onInit() {
        if (!init.wrap(packet) || init.tag() == 0 || init.inboundStreams() == 0 || init.outboundStreams() == 0
            || init.window() < SctpConfig.MIN_WINDOW) {
            bad(DropReason.SCTP_MALFORMED);
            return;
        }
        isUseful = true;
        if (state == SctpState.SHUTDOWN_ACK_SENT) {
            control.add(ControlChunks.SHUTDOWN_ACK);
            return;
        }
        if (!proposed.isOf(init)) {
            final boolean isCrossing = state == SctpState.COOKIE_WAIT || state == SctpState.COOKIE_ECHOED;
            proposed.localTag = isCrossing ? current.localTag : Handshake.newTag(random);
            proposed.localTsn = isCrossing ? current.localTsn : random.nextInt();
            proposed.peer(init);
            proposed.seal(random.nextInt());
        }
        control.add(ControlChunks.INIT_ACK);
    }

    private void onInitAck(final long nowNs) {
        if (state != SctpState.COOKIE_WAIT) {
            // Section 5.2.3: a late or doubled one.
            bad(DropReason.SCTP_UNEXPECTED);
            return;
        }
        if (!init.wrap(packet) || init.cookieLength() == 0 || init.cookieLength() > Handshake.MAX_COOKIE) {
            bad(DropReason.SCTP_MALFORMED);
            return;
        }
        if (init.tag() == 0 || init.inboundStreams() == 0 || init.outboundStreams() == 0) {
            bad(DropReason.SCTP_MALFORMED);
            current.peerTag = init.tag();
            fail(CAUSE_INVALID_PARAMETER);
            return;
        }
        isUseful = true;
        current.peer(init);
        peerCookie.wrap(new byte[init.cookieLength()]);
        peerCookie.putBytes(0, packet.buffer(), init.cookieOffset(), init.cookieLength());
        state = SctpState.COOKIE_ECHOED;
        control.remove(ControlChunks.INIT);
        control.add(ControlChunks.COOKIE_ECHO);
        tries = 0;
        initTimeoutNs = RetransmissionTimeout.INITIAL_NS;
        timers.set(SctpTimers.T1, nowNs + initTimeoutNs);
    }

    /** Sections 5.1 D and 5.2.4. */
    private boolean onCookieEcho() {
        if (isUp() && current.valid && packet.tag() == current.localTag && current.isEchoedBy(packet)) {
            control.add(ControlChunks.COOKIE_ACK);
            isUseful = true;
            return true;
        }
        if (!proposed.isEchoedBy(packet) || packet.tag() != proposed.localTag) {
            bad(DropReason.SCTP_UNEXPECTED);
            return false;
        }
        if (state == SctpState.SHUTDOWN_ACK_SENT) {
            bad(DropReason.SCTP_UNEXPECTED);
            control.add(ControlChunks.SHUTDOWN_ACK);
            return false;
        }
        isUseful = true;
        final boolean isKnown = current.localTag == proposed.localTag && current.peerTag == proposed.peerTag;
        final boolean wasUp = isUp();
        current.copyFrom(proposed);
        proposed.valid = false;
        control.add(ControlChunks.COOKIE_ACK);
        if (!wasUp) {
            establish();
        } else if (!isKnown) {
            tx.clear();
            timers.clear();
            control.keepOnly(ControlChunks.COOKIE_ACK);
            state = SctpState.ESTABLISHED;
            startSides();
            listener.onRestart();
        }
        return true;
    }

    private void onCookieAck() {
        if (state != SctpState.COOKIE_ECHOED) {
            bad(DropReason.SCTP_UNEXPECTED);
            return;
        }
        isUseful = true;
        establish();
    }

    private void establish() {
        state = SctpState.ESTABLISHED;
        control.remove(ControlChunks.INIT | ControlChunks.COOKIE_ECHO);
        timers.cancel(SctpTimers.T1);
        peerCookie.wrap(0, 0);
        tries = 0;
        startSides();
        listener.onEstablished();
    }

    private void startSides() {
        interleaved = config.interleaving() && current.interleaving;
        outboundStreams = Math.min(MAX_STREAMS, current.peerInbound);
        rx.start(current.peerTsn, interleaved);
        tx.start(current.localTsn, current.peerWindow, interleaved,
            interleaved ? current.interleavedForwardTsn : current.forwardTsn);
        resets.start(current.localTsn, current.peerTsn);
    }

    private void onData() {
        if (!isUp()) {
            bad(DropReason.SCTP_UNEXPECTED);
            return;
        }
        if (!data.wrap(packet)) {
            // Section 6.2: no user data, or no room for its own header.
            bad(DropReason.SCTP_MALFORMED);
            fail(CAUSE_PROTOCOL);
            return;
        }
        if (resets.isBehindReset(data.streamId(), data.tsn())) {
            // Behind a reset that still waits: taken when it is done. The peer should not even have sent it.
            bad(DropReason.SCTP_NO_ROOM);
            control.add(ControlChunks.SACK);
            return;
        }
        sawData = true;
        if (data.isImmediate()) {
            control.add(ControlChunks.SACK);
        }
        final int outcome = rx.onData(data, packet.buffer());
        if (outcome == ReceiveSide.TAKEN) {
            isUseful = true;
            return;
        }
        bad(ReceiveSide.reason(outcome));
        switch (outcome) {
            case ReceiveSide.DUPLICATE, ReceiveSide.NO_ROOM -> control.add(ControlChunks.SACK);
            case ReceiveSide.BAD_STREAM -> control.reportStream(data.streamId());
            case ReceiveSide.MESSAGE_TOO_LARGE -> fail(CAUSE_OUT_OF_RESOURCE);
            default -> fail(CAUSE_PROTOCOL);
        }
    }

    private void onSack(final long nowNs) {
        if (!isUp() || packet.chunkOffset() != lastSack) {
            // One for each packet, the last: each is a walk over all that is outstanding.
            bad(DropReason.SCTP_UNEXPECTED);
            return;
        }
        if (!sack.wrap(packet)) {
            bad(DropReason.SCTP_MALFORMED);
            return;
        }
        final boolean wasOutstanding = tx.isOutstanding();
        final int first = tx.firstTsn();
        if (!tx.onSack(sack, nowNs)) {
            bad(DropReason.SCTP_MALFORMED);
            return;
        }
        isUseful = true;
        tries = 0;
        restartT3(wasOutstanding && tx.firstTsn() != first, nowNs);
    }

    /** Section 6.3.2. */
    private void restartT3(final boolean progressed, final long nowNs) {
        if (!tx.isOutstanding()) {
            timers.cancel(SctpTimers.T3);
        } else if (progressed || !timers.isSet(SctpTimers.T3)) {
            timers.set(SctpTimers.T3, nowNs + tx.timeoutNs());
        }
    }

    private void onForwardTsn() {
        if (!isUp() || !forward.wrap(packet) || forward.isInterleaved() != interleaved) {
            bad(isUp() ? DropReason.SCTP_MALFORMED : DropReason.SCTP_UNEXPECTED);
            return;
        }
        isUseful = true;
        control.add(ControlChunks.SACK);
        final int outcome = rx.onForwardTsn(forward);
        if (outcome != ReceiveSide.TAKEN) {
            bad(ReceiveSide.reason(outcome));
        }
        if (outcome == ReceiveSide.MESSAGE_TOO_LARGE) {
            fail(CAUSE_OUT_OF_RESOURCE);
        }
    }

    private void onHeartbeat() {
        if (!control.echoHeartbeat(packet)) {
            bad(DropReason.SCTP_UNEXPECTED);
            return;
        }
        isUseful = true;
    }

    private void onReconfig(final long nowNs) {
        final boolean wasUp = isUp();
        if (!wasUp || !resets.onChunk(packet, stats, nowNs)) {
            bad(wasUp ? DropReason.SCTP_MALFORMED : DropReason.SCTP_UNEXPECTED);
            return;
        }
        isUseful = true;
    }

    private void onShutdown(final long nowNs) {
        if (!isUp() || packet.valueLength() != Integer.BYTES
            || !tx.onCumulative(i32(packet.buffer(), packet.valueOffset()), nowNs)) {
            bad(isUp() ? DropReason.SCTP_MALFORMED : DropReason.SCTP_UNEXPECTED);
            return;
        }
        isUseful = true;
        restartT3(true, nowNs);
        if (state == SctpState.SHUTDOWN_SENT) {
            sendShutdownAck(nowNs);
        } else if (state != SctpState.SHUTDOWN_ACK_SENT) {
            state = SctpState.SHUTDOWN_RECEIVED;
        }
    }

    private void sendShutdownAck(final long nowNs) {
        state = SctpState.SHUTDOWN_ACK_SENT;
        control.remove(ControlChunks.SHUTDOWN);
        control.add(ControlChunks.SHUTDOWN_ACK);
        timers.set(SctpTimers.T2, nowNs + tx.timeoutNs());
    }

    private void onShutdownAck() {
        if (state != SctpState.SHUTDOWN_SENT && state != SctpState.SHUTDOWN_ACK_SENT) {
            bad(DropReason.SCTP_UNEXPECTED);
            return;
        }
        isUseful = true;
        control.keepOnly(0);
        control.add(ControlChunks.SHUTDOWN_COMPLETE);
        close(SctpListener.End.SHUT_DOWN);
    }

    private void onShutdownComplete() {
        if (state != SctpState.SHUTDOWN_ACK_SENT) {
            bad(DropReason.SCTP_UNEXPECTED);
            return;
        }
        isUseful = true;
        control.keepOnly(0);
        close(SctpListener.End.SHUT_DOWN);
    }

    private void afterPacket(final long nowNs) {
        if (sawData) {
            unackedPackets++;
            if (unackedPackets >= ACK_EVERY || rx.tsns().hasGaps() || state == SctpState.SHUTDOWN_SENT) {
                control.add(ControlChunks.SACK);
            } else if (!timers.isSet(SctpTimers.DELAYED_ACK)) {
                timers.set(SctpTimers.DELAYED_ACK, nowNs + ACK_DELAY_NS);
            }
        }
        resets.afterData();
        afterProgress(nowNs);
    }

    private void afterProgress(final long nowNs) {
        if (tx.takeLowPending() > 0) {
            signalLow();
        }
        countAbandoned();
        if (state == SctpState.SHUTDOWN_PENDING && tx.isEmpty()) {
            state = SctpState.SHUTDOWN_SENT;
            control.add(ControlChunks.SHUTDOWN);
            timers.set(SctpTimers.T2, nowNs + tx.timeoutNs());
            timers.set(SctpTimers.T5, nowNs + 5 * RetransmissionTimeout.MAX_NS);
        } else if (state == SctpState.SHUTDOWN_RECEIVED && tx.isEmpty()) {
            sendShutdownAck(nowNs);
        }
    }

    private void countAbandoned() {
        for (long lost = tx.takeAbandoned(); lost > 0; lost--) {
            stats.drop(DropReason.SCTP_EXPIRED);
        }
    }

    private void signalLow() {
        final List<OutStream> streams = tx.queue().walk();
        for (int i = 0; i < streams.size() && state != SctpState.CLOSED; i++) {
            final OutStream stream = streams.get(i);
            if (stream.lowSignalled && !stream.lowReported) {
                stream.lowReported = true;
                listener.onBufferedAmountLow(stream.id());
            }
        }
    }

    /** Lets deadlines pass. */
    public void handleTimeout(final long nowNs) {
        if (timers.takeDue(SctpTimers.T1, nowNs)) {
            if (tries++ >= MAX_INIT_RETRANSMITS) {
                close(SctpListener.End.UNREACHABLE);
                return;
            }
            control.add(state == SctpState.COOKIE_WAIT ? ControlChunks.INIT : ControlChunks.COOKIE_ECHO);
            initTimeoutNs = Math.min(2 * initTimeoutNs, RetransmissionTimeout.MAX_NS);
            timers.set(SctpTimers.T1, nowNs + initTimeoutNs);
        }
        timers.takeDue(SctpTimers.SIGNAL, nowNs);
        if (timers.takeDue(SctpTimers.DELAYED_ACK, nowNs)) {
            control.add(ControlChunks.SACK);
        }
        if (timers.takeDue(SctpTimers.T3, nowNs)) {
            if (tries++ >= MAX_RETRANSMITS) {
                unreachable();
                return;
            }
            tx.onTimeout();
            timers.set(SctpTimers.T3, nowNs + tx.timeoutNs());
        }
        if (timers.takeDue(SctpTimers.RECONFIG, nowNs)) {
            if (!resets.onTimeout(nowNs)) {
                unreachable();
                return;
            }
        }
        if (timers.takeDue(SctpTimers.T2, nowNs)) {
            if (tries++ >= MAX_RETRANSMITS) {
                unreachable();
                return;
            }
            control.add(state == SctpState.SHUTDOWN_SENT ? ControlChunks.SHUTDOWN : ControlChunks.SHUTDOWN_ACK);
            timers.set(SctpTimers.T2, nowNs + tx.timeoutNs());
        }
        if (timers.takeDue(SctpTimers.T5, nowNs)) {
            unreachable();
            return;
        }
        afterProgress(nowNs);
    }

    private void unreachable() {
        control.abort(CAUSE_USER);
        close(SctpListener.End.UNREACHABLE);
    }

    /** When {@link #handleTimeout} wants to be called; {@code Long.MAX_VALUE} for never. */
    public long nextDeadlineNs() {
        return timers.nextNs();
    }

    /**
     * Writes the next packet, at most {@link #MTU} bytes.
     *
     * @return its length, 0 when there is none
     */
    public int pollTransmit(final MutableDirectBuffer out, final int offset, final long nowNs) {
        if (control.isEmpty() && !isUp()) {
            return 0;
        }
        final int alone = pollAlone(out, offset);
        if (alone > 0 || state == SctpState.CLOSED) {
            return alone;
        }
        begin(out, offset, current.peerTag);
        if (control.take(ControlChunks.COOKIE_ECHO)) {
            writer.copied(ChunkType.COOKIE_ECHO, 0, peerCookie, 0, peerCookie.capacity());
            return writer.finish();
        }
        if (!isUp()) {
            return 0;
        }
        if (control.take(ControlChunks.COOKIE_ACK)) {
            writer.plain(ChunkType.COOKIE_ACK, 0);
        }
        pollControl();
        if (control.take(ControlChunks.SHUTDOWN)) {
            writer.shutdown(rx.tsns().cumulative());
        }
        if (control.take(ControlChunks.SHUTDOWN_ACK)) {
            writer.plain(ChunkType.SHUTDOWN_ACK, 0);
        }
        if (state.compareTo(SctpState.SHUTDOWN_SENT) < 0 || state == SctpState.SHUTDOWN_RECEIVED) {
            if (tx.fill(writer, nowNs)) {
                restartT3(false, nowNs);
            }
            countAbandoned();
            if (tx.hasLowPending()) {
                // Messages expired just now; the owner is told from handleTimeout, never from here.
                timers.set(SctpTimers.SIGNAL, nowNs);
            }
            resets.writeRequest(writer, nowNs);
        }
        return writer.finish();
    }

    private void begin(final MutableDirectBuffer out, final int offset, final int tag) {
        writer.begin(out, offset, MTU, config.localPort(), config.remotePort(), tag);
    }

    /** Chunks that share a packet with nothing. */
    private int pollAlone(final MutableDirectBuffer out, final int offset) {
        if (control.take(ControlChunks.INIT_ACK)) {
            begin(out, offset, proposed.peerTag);
            writer.init(ChunkType.INIT_ACK, proposed.localTag, config.receiveWindow(), MAX_STREAMS, MAX_STREAMS,
                proposed.localTsn, config.interleaving() && proposed.interleaving, proposed.cookie, 0,
                Handshake.COOKIE_LENGTH);
        } else if (control.take(ControlChunks.INIT)) {
            begin(out, offset, 0);
            writer.init(ChunkType.INIT, current.localTag, config.receiveWindow(), MAX_STREAMS, MAX_STREAMS,
                current.localTsn, config.interleaving(), proposed.cookie, 0, 0);
        } else {
            begin(out, offset, current.peerTag);
            control.writeLast(writer);
        }
        return writer.finish();
    }

    private void pollControl() {
        // An acknowledgement that would wait goes along with data for nothing (section 6.2).
        if (control.has(ControlChunks.SACK) || (unackedPackets > 0 && !tx.queue().isEmpty())) {
            control.remove(ControlChunks.SACK);
            unackedPackets = 0;
            timers.cancel(SctpTimers.DELAYED_ACK);
            final ReceivedTsns tsns = rx.tsns();
            tsns.describeGaps();
            writer.sack(tsns.cumulative(), rx.credit(), tsns.gapStarts(), tsns.gapEnds(), tsns.gapCount(),
                tsns.duplicates(), tsns.duplicateCount());
            tsns.forgetDuplicates();
        }
        control.write(writer);
        resets.writeResponse(writer);
    }

    /** Sets the urgency of a stream, larger first, and the low-water mark of its buffered amount in bytes. */
    public void stream(final int streamId, final int priority, final long lowWater) {
        if (streamId < 0 || streamId >= MAX_STREAMS) {
            throw new IllegalArgumentException("stream " + streamId + ", accepted: 0 to " + (MAX_STREAMS - 1));
        }
        final OutStream stream = tx.queue().stream(streamId);
        stream.priority = priority;
        stream.lowWater = lowWater;
    }

    /**
     * Takes a message; the bytes are copied.
     *
     * @param maxRetransmits times a part of it is sent again before the message is given up; -1 for no limit
     * @param lifetimeMs milliseconds after which it is not sent any more; -1 for no limit
     * @return {@link #SENT}, {@link #BUFFER_FULL}, {@link #BAD_LENGTH} or {@link #NOT_OPEN}; all but the first counted
     */
    public int send(final int streamId, final int ppid, final DirectBuffer buffer, final int offset,
        final int length, final boolean ordered, final int maxRetransmits, final long lifetimeMs, final long nowNs) {
        if (state != SctpState.ESTABLISHED || streamId < 0 || streamId >= outboundStreams) {
            bad(DropReason.SCTP_NOT_OPEN);
            return NOT_OPEN;
        }
        final OutStream stream = tx.queue().stream(streamId);
        if (stream.closing) {
            bad(DropReason.SCTP_NOT_OPEN);
            return NOT_OPEN;
        }
        if (length < 1 || length > config.maxSendMessage()) {
            bad(DropReason.SCTP_MESSAGE_TOO_LARGE);
            return BAD_LENGTH;
        }
        if (!tx.queue().hasRoom(stream, length, config.sendBuffer())) {
            SendQueue.refused(stream);
            bad(DropReason.SCTP_BUFFER_FULL);
            return BUFFER_FULL;
        }
        final OutMessage message = tx.send(stream, buffer, offset, length);
        message.ppid = ppid;
        message.ordered = ordered;
        message.maxRetransmits = maxRetransmits;
        message.expiresNs = lifetimeMs < 0 ? OutMessage.NEVER : nowNs + lifetimeMs * NS_PER_MS;
        return SENT;
    }

    /**
     * Resets the stream we send on once all it carries has been sent (RFC 6525); it takes nothing more until
     * {@link SctpListener#onOutgoingReset}.
     *
     * @return false when not established, or the peer cannot reset streams: nothing will happen
     */
    public boolean resetStream(final int streamId) {
        if (state != SctpState.ESTABLISHED || !current.reconfig || streamId < 0 || streamId >= outboundStreams) {
            return false;
        }
        final OutStream stream = tx.queue().stream(streamId);
        if (!stream.closing) {
            stream.closing = true;
            resets.want(streamId);
        }
        return true;
    }

    /** Ends in order: what is queued is delivered first. */
    public void shutdown(final long nowNs) {
        if (state == SctpState.ESTABLISHED) {
            state = SctpState.SHUTDOWN_PENDING;
            afterProgress(nowNs);
        } else if (state == SctpState.NEW || state == SctpState.COOKIE_WAIT || state == SctpState.COOKIE_ECHOED) {
            close(SctpListener.End.SHUT_DOWN);
        }
    }

    /** Ends at once; one ABORT waits in {@link #pollTransmit}. */
    public void abort() {
        if (state != SctpState.CLOSED) {
            control.keepOnly(0);
            if (current.peerTag != 0) {
                control.abort(CAUSE_USER);
            }
            close(SctpListener.End.ABORTED);
        }
    }

    private void fail(final int cause) {
        if (state != SctpState.CLOSED) {
            // Without a tag of the peer there is nothing it would take.
            if (current.peerTag != 0) {
                control.abort(cause);
            } else {
                control.keepOnly(0);
            }
            close(SctpListener.End.PEER_AT_FAULT);
        }
    }

    private void close(final SctpListener.End end) {
        if (state == SctpState.CLOSED) {
            return;
        }
        state = SctpState.CLOSED;
        control.keepOnly(ControlChunks.ABORT | ControlChunks.SHUTDOWN_COMPLETE);
        timers.clear();
        rx.stop();
        listener.onClosed(end);
    }

    /** Where the association stands. */
    public SctpState state() {
        return state;
    }

    /** True when I-DATA was agreed on: an urgent stream overtakes inside large messages of others. */
    public boolean isInterleaved() {
        return interleaved;
    }

    /** Bytes of a stream that are not yet acknowledged or given up. */
    public long bufferedAmount(final int streamId) {
        final OutStream stream = tx.queue().find(streamId);
        return stream == null ? 0 : stream.buffered;
    }

    /** Bytes of all messages held for sending, at most {@link SctpConfig#sendBuffer}. */
    public long sendBuffered() {
        return tx.queue().held();
    }

    /** Memory behind {@link #sendBuffered}, in bytes; at most twice the send buffer and 448 for each message. */
    public long sendMemory() {
        return tx.queue().memory();
    }

    /** Bytes of user data held for reordering and reassembly. */
    public long receiveBuffered() {
        return rx.held();
    }

    /** Memory for {@link #receiveBuffered}, with what is free, in bytes; at most twice window and one message. */
    public long receiveMemory() {
        return rx.memory();
    }

    /** The smoothed round trip in nanoseconds, 0 before the first. */
    public long roundTripNs() {
        return tx.roundTripNs();
    }

    /** The congestion window in bytes. */
    public long congestionWindow() {
        return tx.congestionWindow();
    }

    /** Chunks sent again so far. */
    public long retransmissions() {
        return tx.retransmissions();
    }
}
