package org.chevet.relay.sctp;

import org.agrona.DirectBuffer;
import org.chevet.codec.sctp.DataChunk;
import org.chevet.codec.sctp.SackChunk;
import org.chevet.codec.sctp.SctpPacket;
import org.chevet.codec.sctp.SctpWriter;
import org.chevet.relay.sctp.SentChunks.Chunk;
import org.chevet.relay.sctp.SentChunks.State;
import org.jspecify.annotations.Nullable;

/**
 * Sending half of an association: cutting messages into chunks, windows, loss, partial reliability (RFC 9260 sections
 * 6.1, 6.3, 7; RFC 3758 section 3.5; RFC 8260).
 *
 * <p>Knows nothing of the receiving half and of timers: the association asks {@link #isOutstanding} and
 * {@link #timeoutNs} and calls {@link #onTimeout}. One thread.
 */
final class SendSide {
    /** Streams named in one FORWARD TSN; it goes less far when there are more. */
    static final int MAX_SKIPPED = 64;
    private static final int MISSING_REPORTS = 3;

    private final int mtu;
    private final SendQueue queue = new SendQueue();
    private final SentChunks chunks = new SentChunks();
    private final RetransmissionTimeout timeout = new RetransmissionTimeout();
    private final int[] skippedStreams = new int[MAX_SKIPPED];
    private final int[] skippedNumbers = new int[MAX_SKIPPED];
    private final boolean[] skippedUnordered = new boolean[MAX_SKIPPED];
    private CongestionWindow congestion;
    private boolean interleaved;
    private boolean partialReliability;
    private long outstanding;
    private long peerWindow;
    private int lostCount;
    private int lostFrom;
    private boolean isRescue;
    private OutStream begun = NO_STREAM;
    private boolean isTiming;
    private int timedTsn;
    private long timedNs;
    /** Last TSN that is given up with all before it; the cumulative one when there is none. */
    private int advancedTsn;
    private boolean forwardDue;
    private long forwardedNs;
    private int lowPending;
    private long abandonedCount;
    private long retransmissions;

    private static final OutStream NO_STREAM = new OutStream(-1);

    SendSide(final int mtu) {
        this.mtu = mtu;
        congestion = congestion();
    }

    private CongestionWindow congestion() {
        return new CongestionWindow(mtu, (long) mtu * SentChunks.MAX);
    }

    /** Starts with nothing in flight; what is queued stays. */
    void start(final int firstTsn, final long peerWindow, final boolean interleaved,
        final boolean partialReliability) {
        chunks.start(firstTsn);
        advancedTsn = firstTsn - 1;
        this.peerWindow = peerWindow;
        this.interleaved = interleaved;
        this.partialReliability = partialReliability;
    }

    /** Forgets everything: the peer started anew. */
    void clear() {
        while (chunks.size() > 0) {
            chunks.removeFirst();
        }
        queue.clear();
        congestion = congestion();
        outstanding = 0;
        lostCount = 0;
        begun = NO_STREAM;
        isTiming = false;
        forwardDue = false;
    }

    SendQueue queue() {
        return queue;
    }

    OutMessage send(final OutStream stream, final DirectBuffer from, final int offset, final int length) {
        return queue.add(stream, from, offset, length);
    }

    /** Highest TSN given so far. */
    int lastTsn() {
        return chunks.next() - 1;
    }

    /** Lowest TSN the peer's cumulative one has not passed. */
    int firstTsn() {
        return chunks.first();
    }

    /** True when something has a TSN that the peer's cumulative one has not passed. */
    boolean isOutstanding() {
        return chunks.size() > 0;
    }

    /** True when nothing waits and nothing is outstanding. */
    boolean isEmpty() {
        return queue.isEmpty() && !isOutstanding();
    }

    long timeoutNs() {
        return timeout.timeoutNs();
    }

    long roundTripNs() {
        return timeout.roundTripNs();
    }

    long congestionWindow() {
        return congestion.window();
    }

    long retransmissions() {
        return retransmissions;
    }

    /** Messages given up since the last call. */
    long takeAbandoned() {
        final long count = abandonedCount;
        abandonedCount = 0;
        return count;
    }

    /** Writes what may be sent now into the packet; true when something was added. */
    boolean fill(final SctpWriter writer, final long nowNs) {
        boolean added = forwardDue && writeForward(writer, nowNs);
        added |= retransmit(writer, nowNs);
        while (lostCount == 0 && sendNew(writer, nowNs)) {
            added = true;
        }
        return added;
    }

    private boolean retransmit(final SctpWriter writer, final long nowNs) {
        boolean added = false;
        while (lostCount > 0 && (isRescue || added || outstanding < congestion.window())) {
            while (chunks.at(lostFrom).state != State.LOST) {
                lostFrom++;
            }
            final Chunk chunk = chunks.at(lostFrom);
            final OutMessage message = messageOf(chunk);
            if (message.isExpired(nowNs)) {
                abandon(message);
                advance();
                if (chunk.state != State.LOST) {
                    continue;
                }
            }
            if (!write(writer, chunk, lostFrom)) {
                break;
            }
            if (isTiming && timedTsn == lostFrom) {
                isTiming = false;
            }
            chunk.state = State.IN_FLIGHT;
            chunk.missing = 0;
            chunk.sends++;
            outstanding += chunk.length;
            lostCount--;
            retransmissions++;
            added = true;
        }
        // Only the first packet of a fast retransmission may go beyond the window (RFC 9260 section 7.2.4 rule 3).
        isRescue &= !added;
        return added;
    }

    private boolean sendNew(final SctpWriter writer, final long nowNs) {
        if (outstanding >= congestion.window() || chunks.isFull()) {
            return false;
        }
        final OutMessage message = pick(nowNs);
        // Giving messages up may have taken the last TSN of the ring.
        if (message == null || chunks.isFull()) {
            return false;
        }
        final int rest = message.length - message.sent;
        final int length = Math.min(rest, maxFragment());
        // With a closed window one chunk may be out, to see it open (section 6.1 rule A).
        if ((length > peerWindow && outstanding > 0) || writer.room() < header() + SctpPacket.padded(length)) {
            return false;
        }
        final OutStream stream = message.owner();
        if (message.sent == 0) {
            message.firstTsn = chunks.next();
            message.number = stream.number(message.ordered, interleaved);
        }
        final int tsn = chunks.next();
        final Chunk chunk = chunks.add();
        chunk.message = message;
        chunk.state = State.IN_FLIGHT;
        chunk.offset = message.sent;
        chunk.length = length;
        chunk.fragment = message.fragments++;
        chunk.flags = (message.sent == 0 ? DataChunk.BEGIN : 0) | (length == rest ? DataChunk.END : 0)
            | (message.ordered ? 0 : DataChunk.UNORDERED);
        chunk.sends = 1;
        chunk.missing = 0;
        chunk.fastRetransmitted = false;
        message.sent += length;
        message.unresolved++;
        begun = message.isWhollySent() ? NO_STREAM : stream;
        if (message.isWhollySent()) {
            queue.removeHead(stream);
        }
        outstanding += length;
        peerWindow = Math.max(0, peerWindow - length);
        if (!isTiming) {
            isTiming = true;
            timedTsn = tsn;
            timedNs = nowNs;
        }
        return write(writer, chunk, tsn);
    }

    /**
     * The message to go on with; those that expired before are given up on the way. Null when there is none, or when
     * one cannot be given up because the ring has no TSN left for its end.
     */
    private @Nullable OutMessage pick(final long nowNs) {
        while (true) {
            final OutStream stream = !interleaved && begun != NO_STREAM ? begun : queue.next();
            final OutMessage head = stream == null ? null : stream.head;
            if (head == null || !head.isExpired(nowNs)) {
                return head;
            }
            if (!abandon(head)) {
                return null;
            }
            advance();
        }
    }

    private boolean write(final SctpWriter writer, final Chunk chunk, final int tsn) {
        final OutMessage message = messageOf(chunk);
        final int stream = message.owner().id();
        return interleaved
            ? writer.interleavedData(chunk.flags, tsn, stream, message.number, chunk.fragment, message.ppid,
                message.bytes, chunk.offset, chunk.length)
            : writer.data(chunk.flags, tsn, stream, message.number, message.ppid, message.bytes, chunk.offset,
                chunk.length);
    }

    private int header() {
        return interleaved ? DataChunk.I_DATA_HEADER_LENGTH : DataChunk.DATA_HEADER_LENGTH;
    }

    private int maxFragment() {
        return (mtu - SctpPacket.HEADER_LENGTH - header()) & ~3;
    }

    private static OutMessage messageOf(final Chunk chunk) {
        final OutMessage message = chunk.message;
        if (message == null) {
            throw new IllegalStateException("chunk without message");
        }
        return message;
    }

    /**
     * Takes a SACK.
     *
     * @return false when it acknowledges what was never sent; an old one is no fault
     */
    boolean onSack(final SackChunk sack, final long nowNs) {
        final int cumulative = sack.cumulativeTsn();
        if (cumulative - lastTsn() > 0
            || (sack.gaps() > 0 && cumulative + sack.gapEnd(sack.gaps() - 1) - lastTsn() > 0)) {
            return false;
        }
        if (cumulative - (chunks.first() - 1) < 0) {
            return true;
        }
        final boolean wasFull = outstanding + mtu >= congestion.window();
        final boolean advanced = cumulative - chunks.first() >= 0;
        final long before = outstanding;
        passTo(cumulative, nowNs);
        final int highestNew = onGaps(sack, nowNs);
        congestion.onAcked(Math.max(0, before - outstanding), cumulative, advanced, wasFull);
        countMissing(sack, highestNew, advanced);
        peerWindow = Math.max(0, sack.window() - outstanding);
        advance();
        if (advancedTsn - cumulative > 0 && nowNs - forwardedNs > Math.max(timeout.roundTripNs(), 1)) {
            forwardDue = true;
        }
        return true;
    }

    /** A cumulative acknowledgement alone, as in SHUTDOWN; false when it acknowledges what was never sent. */
    boolean onCumulative(final int cumulative, final long nowNs) {
        if (cumulative - lastTsn() > 0) {
            return false;
        }
        passTo(cumulative, nowNs);
        advance();
        return true;
    }

    private void passTo(final int cumulative, final long nowNs) {
        while (chunks.size() > 0 && chunks.first() - cumulative <= 0) {
            final Chunk chunk = chunks.at(chunks.first());
            final OutMessage message = messageOf(chunk);
            if (chunk.state == State.IN_FLIGHT || chunk.state == State.LOST) {
                acknowledge(chunk, chunks.first(), nowNs);
            }
            message.unresolved--;
            chunks.removeFirst();
            if (message.unresolved == 0 && (message.abandoned || message.isWhollySent())) {
                queue.release(message);
            }
        }
        if (lostFrom - chunks.first() < 0) {
            lostFrom = chunks.first();
        }
    }

    private void acknowledge(final Chunk chunk, final int tsn, final long nowNs) {
        if (chunk.state == State.IN_FLIGHT) {
            outstanding -= chunk.length;
        } else {
            lostCount--;
        }
        chunk.state = State.ACKED;
        if (isTiming && tsn == timedTsn) {
            isTiming = false;
            timeout.sample(nowNs - timedNs);
        }
        lessBuffered(messageOf(chunk).owner(), chunk.length);
    }

    /** Marks what the gap blocks cover and takes back what an earlier one covered; the highest TSN newly covered. */
    private int onGaps(final SackChunk sack, final long nowNs) {
        final int cumulative = sack.cumulativeTsn();
        int highestNew = cumulative;
        int gap = 0;
        for (int tsn = chunks.first(); tsn != chunks.next(); tsn++) {
            final int steps = tsn - cumulative;
            while (gap < sack.gaps() && sack.gapEnd(gap) < steps) {
                gap++;
            }
            final boolean covered = gap < sack.gaps() && sack.gapStart(gap) <= steps;
            final Chunk chunk = chunks.at(tsn);
            if (covered && (chunk.state == State.IN_FLIGHT || chunk.state == State.LOST)) {
                acknowledge(chunk, tsn, nowNs);
                highestNew = tsn;
            }
            // An overtaken SACK or a full list of gaps looks like a receiver that changed its mind (section 6.2.1
            // D iii): what is not covered is sent again only when T3 expires.
            chunk.doubted = !covered;
        }
        return highestNew;
    }

    private static int earlier(final int one, final int other) {
        return one - other < 0 ? one : other;
    }

    /** Section 7.2.4: three SACKs that newly acknowledge something behind a chunk mean it is lost. */
    private void countMissing(final SackChunk sack, final int highestNew, final boolean advanced) {
        int highest = highestNew;
        if (congestion.isRecovering() && advanced && sack.gaps() > 0) {
            highest = sack.cumulativeTsn() + sack.gapEnd(sack.gaps() - 1);
        }
        for (int tsn = chunks.first(); tsn - highest < 0 && tsn != chunks.next(); tsn++) {
            final Chunk chunk = chunks.at(tsn);
            if (chunk.state != State.IN_FLIGHT || chunk.fastRetransmitted || ++chunk.missing < MISSING_REPORTS) {
                continue;
            }
            chunk.fastRetransmitted = true;
            isRescue |= !congestion.isRecovering();
            congestion.onFastRetransmit(lastTsn());
            lose(chunk, tsn);
        }
    }

    private void lose(final Chunk chunk, final int tsn) {
        outstanding -= chunk.length;
        chunk.state = State.LOST;
        lostFrom = lostCount == 0 ? tsn : earlier(lostFrom, tsn);
        lostCount++;
        final OutMessage message = messageOf(chunk);
        if (message.maxRetransmits != OutMessage.NO_LIMIT && chunk.sends > message.maxRetransmits) {
            abandon(message);
        }
    }

    /** T3 expired (section 6.3.3): all in flight is lost. */
    void onTimeout() {
        congestion.onTimeout();
        timeout.backOff();
        isTiming = false;
        for (int tsn = chunks.first(); tsn != chunks.next(); tsn++) {
            final Chunk chunk = chunks.at(tsn);
            chunk.missing = 0;
            chunk.fastRetransmitted = false;
            if (chunk.state == State.ACKED && chunk.doubted) {
                chunk.state = State.IN_FLIGHT;
                outstanding += chunk.length;
                messageOf(chunk).owner().buffered += chunk.length;
            }
            if (chunk.state == State.IN_FLIGHT) {
                lose(chunk, tsn);
            }
        }
        advance();
        forwardDue = advancedTsn - chunks.first() >= 0;
    }

    /**
     * Gives a message up (RFC 3758 section 3.5 A3), whatever of it was sent, or takes its limits away.
     *
     * @return false when nothing changed, because the ring has no TSN left for its end
     */
    private boolean abandon(final OutMessage message) {
        if (message.abandoned || (!partialReliability && message.sent > 0)) {
            // A peer that knows no FORWARD TSN must get what was begun.
            message.expiresNs = OutMessage.NEVER;
            message.maxRetransmits = OutMessage.NO_LIMIT;
            return true;
        }
        if (message.sent > 0 && !message.isWhollySent()) {
            if (chunks.isFull()) {
                return false;
            }
            addEndOf(message);
        }
        message.abandoned = true;
        message.expiresNs = OutMessage.NEVER;
        abandonedCount++;
        final OutStream stream = message.owner();
        if (!message.isWhollySent()) {
            lessBuffered(stream, message.length - message.sent);
            queue.removeHead(stream);
            if (begun == stream) {
                begun = NO_STREAM;
            }
        }
        abandonChunks(message);
        if (message.unresolved == 0) {
            queue.release(message);
        }
        return true;
    }

    private void abandonChunks(final OutMessage message) {
        int left = message.unresolved;
        int tsn = message.firstTsn - chunks.first() < 0 ? chunks.first() : message.firstTsn;
        for (; left > 0 && tsn != chunks.next(); tsn++) {
            final Chunk chunk = chunks.at(tsn);
            if (chunk.message != message) {
                continue;
            }
            left--;
            if (chunk.state == State.IN_FLIGHT) {
                outstanding -= chunk.length;
            } else if (chunk.state == State.LOST) {
                lostCount--;
            }
            if (chunk.state != State.ACKED) {
                lessBuffered(message.owner(), chunk.length);
            }
            chunk.state = State.ABANDONED;
            // It will never be acknowledged: the next chunk is timed.
            isTiming &= tsn != timedTsn;
        }
    }

    /**
     * A TSN that is never sent, for the end of a message given up half-way: what was sent of it may all be
     * acknowledged, and then only this TSN makes the peer hear that the rest never comes.
     */
    private void addEndOf(final OutMessage message) {
        final Chunk end = chunks.add();
        end.message = message;
        end.state = State.IN_FLIGHT;
        end.length = 0;
        end.sends = 0;
        message.unresolved++;
    }

    /** Moves the advanced peer acknowledgement point (RFC 3758 section 3.5 C). */
    private void advance() {
        final int cumulative = chunks.first() - 1;
        if (advancedTsn - cumulative < 0) {
            advancedTsn = cumulative;
        }
        boolean moved = false;
        while (advancedTsn != lastTsn() && chunks.at(advancedTsn + 1).state == State.ABANDONED) {
            advancedTsn++;
            moved = true;
        }
        forwardDue |= moved;
        forwardDue &= advancedTsn != cumulative;
    }

    private boolean writeForward(final SctpWriter writer, final long nowNs) {
        int count = 0;
        int last = chunks.first() - 1;
        while (last != advancedTsn) {
            final OutMessage message = messageOf(chunks.at(last + 1));
            if (message.ordered || interleaved) {
                final int entry = entryOf(message, count);
                if (entry == MAX_SKIPPED) {
                    break;
                }
                count = Math.max(count, entry + 1);
                skippedStreams[entry] = message.owner().id();
                skippedUnordered[entry] = !message.ordered;
                skippedNumbers[entry] = message.number;
            }
            last++;
        }
        final boolean written = interleaved
            ? writer.interleavedForwardTsn(last, skippedStreams, skippedUnordered, skippedNumbers, count)
            : writer.forwardTsn(last, skippedStreams, skippedNumbers, count);
        if (written) {
            forwardDue = false;
            forwardedNs = nowNs;
        }
        return written;
    }

    private int entryOf(final OutMessage message, final int count) {
        for (int i = 0; i < count; i++) {
            if (skippedStreams[i] == message.owner().id() && skippedUnordered[i] != message.ordered) {
                return i;
            }
        }
        return count;
    }

    private void lessBuffered(final OutStream stream, final int bytes) {
        stream.buffered -= bytes;
        if (stream.buffered <= stream.lowWater && !stream.lowSignalled) {
            stream.lowSignalled = true;
            lowPending++;
        }
    }

    boolean hasLowPending() {
        return lowPending > 0;
    }

    /** The number of streams that fell to their low-water mark since the last call. */
    int takeLowPending() {
        final int pending = lowPending;
        lowPending = 0;
        return pending;
    }
}
