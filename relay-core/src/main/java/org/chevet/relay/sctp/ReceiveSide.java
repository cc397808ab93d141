package org.chevet.relay.sctp;

import static org.chevet.codec.wire.SerialNumbers.distance16;

import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.sctp.DataChunk;
import org.chevet.codec.sctp.ForwardTsnChunk;
import org.chevet.relay.stats.DropReason;
import org.jspecify.annotations.Nullable;

/**
 * Receiving half of an association: which TSNs came, putting messages together, order within streams, memory (RFC 9260
 * sections 6.2, 6.5, 6.9; RFC 3758 section 3.6; RFC 8260 section 2.2.3).
 *
 * <p>Knows nothing of the sending half, of timers or packets. A message of one chunk that is next in its stream is
 * delivered from the packet, without a copy and without garbage. Others wait in pooled fragments: those and the buffer
 * in which fragments are joined are made when first needed and kept. One thread.
 */
final class ReceiveSide {
    /** Outcome: taken. */
    static final int TAKEN = 0;
    /** Outcome: came before. */
    static final int DUPLICATE = 1;
    /** Outcome: no memory, or too far ahead; not acknowledged, so the peer sends it again. */
    static final int NO_ROOM = 2;
    /** Outcome: acknowledged, but of a stream we do not have. */
    static final int BAD_STREAM = 3;
    /** Outcome: the association cannot go on: DATA and I-DATA mixed, or the next chunk does not fit at all. */
    static final int FATAL = 4;
    /** Outcome: the association cannot go on: a message larger than its bound. */
    static final int MESSAGE_TOO_LARGE = 5;

    /** Chunks of user data taken from one packet; a packet of 1500 bytes holds 73. */
    static final int MAX_CHUNKS = 128;
    /** Steps of walks over fragments and streams after which no more of a packet is taken. */
    static final int MAX_STEPS = 8192;
    /** Fragments that wait in a stream, ordered and unordered apart: at least this, or one for 256 bytes of window. */
    static final int MIN_FRAGMENTS = 1024;
    private static final int MEAN_FRAGMENT = 256;
    private static final int MIN_ASSEMBLY = 4096;

    /** Where whole messages go. */
    interface Delivery {
        /** The bytes are borrowed for the call. */
        void deliver(int streamId, int ppid, DirectBuffer buffer, int offset, int length, boolean unordered);
    }

    private final int window;
    private final int maxMessage;
    private final long memoryBound;
    private final Delivery delivery;
    private final ReceivedTsns tsns = new ReceivedTsns();
    private final FragmentPool pool;
    private final WorkCount work = new WorkCount();
    private final int maxFragments;
    private final Int2ObjectHashMap<InStream> streams = new Int2ObjectHashMap<>();
    private final UnsafeBuffer assembly = new UnsafeBuffer(0, 0);
    private boolean interleaved;
    private long held;
    private boolean isTooLarge;
    private boolean isStopped;
    private int chunks;

    ReceiveSide(final int window, final int maxMessage, final Delivery delivery) {
        this.window = window;
        this.maxMessage = maxMessage;
        // The window is about user data; what may be taken for it is twice that, with one message on top.
        memoryBound = 2L * (window + (long) maxMessage);
        pool = new FragmentPool(memoryBound);
        maxFragments = Math.max(MIN_FRAGMENTS, window / MEAN_FRAGMENT);
        this.delivery = delivery;
    }

    /** Starts with nothing received; {@code firstTsn} is the peer's initial TSN. */
    void start(final int firstTsn, final boolean interleaved) {
        tsns.start(firstTsn);
        isTooLarge = false;
        isStopped = false;
        this.interleaved = interleaved;
        for (final InStream stream : streams.values()) {
            drop(stream.ordered);
            drop(stream.unordered);
        }
        streams.clear();
    }

    /** The association ended, perhaps from inside a delivery: nothing more is delivered. */
    void stop() {
        isStopped = true;
    }

    boolean isStopped() {
        return isStopped;
    }

    ReceivedTsns tsns() {
        return tsns;
    }

    /** Bytes the peer may send now. */
    int credit() {
        return (int) Math.max(0, window - held);
    }

    /** Bytes of user data that wait. */
    long held() {
        return held;
    }

    /** Memory of what waits and of the pool it comes from, in bytes. */
    long memory() {
        return pool.memory();
    }

    /** A packet starts: what it may make us do is counted anew. */
    void startPacket() {
        work.restart();
        chunks = 0;
    }

    /** Steps since the start of the packet. */
    int steps() {
        return work.steps();
    }

    /** Why a chunk with this outcome was not taken. */
    static DropReason reason(final int outcome) {
        return switch (outcome) {
            case DUPLICATE -> DropReason.SCTP_DUPLICATE;
            case BAD_STREAM -> DropReason.SCTP_UNKNOWN_STREAM;
            case MESSAGE_TOO_LARGE -> DropReason.SCTP_MESSAGE_TOO_LARGE;
            default -> DropReason.SCTP_NO_ROOM;
        };
    }

    int onData(final DataChunk chunk, final DirectBuffer buffer) {
        final int tsn = chunk.tsn();
        if (chunk.isInterleaved() != interleaved) {
            return FATAL;
        }
        if (tsns.isKnown(tsn)) {
            tsns.addDuplicate(tsn);
            return DUPLICATE;
        }
        if (!tsns.isWithinSpan(tsn) || ++chunks > MAX_CHUNKS || work.steps() > MAX_STEPS) {
            return NO_ROOM;
        }
        if (chunk.streamId() >= SctpAssociation.MAX_STREAMS) {
            tsns.add(tsn);
            return BAD_STREAM;
        }
        final InStream stream = stream(chunk.streamId());
        if (!chunk.isUnordered() && isPast(stream, chunk.message())) {
            // Skipped by a FORWARD TSN already, or the peer uses a number twice.
            tsns.add(tsn);
            return DUPLICATE;
        }
        if (chunk.isBegin() && chunk.isEnd() && (chunk.isUnordered() || isNext(stream, chunk.message()))) {
            return deliverFromPacket(stream, chunk, buffer);
        }
        return store(stream, chunk, buffer);
    }

    private int deliverFromPacket(final InStream stream, final DataChunk chunk, final DirectBuffer buffer) {
        tsns.add(chunk.tsn());
        if (chunk.payloadLength() > maxMessage) {
            return MESSAGE_TOO_LARGE;
        }
        if (!chunk.isUnordered()) {
            stream.nextMessage++;
        }
        delivery.deliver(stream.id, chunk.ppid(), buffer, chunk.payloadOffset(), chunk.payloadLength(),
            chunk.isUnordered());
        if (!chunk.isUnordered()) {
            deliverReady(stream);
        }
        return isTooLarge ? MESSAGE_TOO_LARGE : TAKEN;
    }

    private int store(final InStream stream, final DataChunk chunk, final DirectBuffer buffer) {
        final int length = chunk.payloadLength();
        final boolean isNext = chunk.tsn() - tsns.cumulative() == 1;
        final boolean fillsGap = tsns.highest() - chunk.tsn() > 0;
        // What brings the cumulative TSN on is taken beyond the window: refusing it would block all for ever.
        if (held + length > window && !isNext && !fillsGap) {
            return NO_ROOM;
        }
        if (pool.inUse() + FragmentPool.costOf(length) > memoryBound) {
            return isNext ? FATAL : NO_ROOM;
        }
        final FragmentList list = chunk.isUnordered() ? stream.unordered : stream.ordered;
        // What comes next may still complete a message, so it gets the room of one more.
        if (list.size() >= (isNext ? 2 * maxFragments : maxFragments)) {
            return isNext ? FATAL : NO_ROOM;
        }
        final Fragment added = pool.take(length);
        added.fill(chunk, buffer);
        tsns.add(chunk.tsn());
        if (!list.insert(added, interleaved)) {
            pool.give(added);
            return DUPLICATE;
        }
        held += length;
        final Fragment first = list.wholeAround(added, interleaved);
        if (first != null && chunk.isUnordered()) {
            deliver(stream, list, first);
        } else if (first != null) {
            deliverReady(stream);
        }
        return isTooLarge ? MESSAGE_TOO_LARGE : TAKEN;
    }

    /** Delivers ordered messages as long as the next one is whole. */
    private void deliverReady(final InStream stream) {
        while (!isTooLarge && !isStopped) {
            final Fragment head = stream.ordered.head;
            if (head == null || !head.isBegin() || !isNext(stream, head.message())
                || stream.ordered.lastOf(head, interleaved) == null) {
                return;
            }
            stream.nextMessage++;
            deliver(stream, stream.ordered, head);
        }
    }

    private void deliver(final InStream stream, final FragmentList list, final Fragment first) {
        final boolean unordered = list == stream.unordered;
        final int ppid = first.ppid();
        if (first.isEnd()) {
            take(list, first);
            if (first.length() > maxMessage) {
                isTooLarge = true;
            } else {
                delivery.deliver(stream.id, ppid, first.bytes(), 0, first.length(), unordered);
            }
            pool.give(first);
            return;
        }
        long length = 0;
        for (Fragment each = first; each != null; each = each.isEnd() ? null : each.next) {
            length += each.length();
        }
        isTooLarge = length > maxMessage;
        if (!isTooLarge) {
            reserve((int) length);
        }
        int at = 0;
        Fragment each = first;
        while (each != null) {
            final Fragment next = each.isEnd() ? null : each.next;
            if (!isTooLarge) {
                assembly.putBytes(at, each.bytes(), 0, each.length());
            }
            at += each.length();
            take(list, each);
            pool.give(each);
            each = next;
        }
        if (!isTooLarge) {
            delivery.deliver(stream.id, ppid, assembly, 0, at, unordered);
        }
    }

    private void reserve(final int length) {
        if (assembly.capacity() < length) {
            final int doubled = Math.max(MIN_ASSEMBLY, Integer.highestOneBit(length - 1) << 1);
            assembly.wrap(new byte[Math.min(doubled, Math.max(maxMessage, MIN_ASSEMBLY))]);
        }
    }

    /** The peer gave up on some messages; outcomes as with data. */
    int onForwardTsn(final ForwardTsnChunk chunk) {
        if (work.steps() > MAX_STEPS) {
            return NO_ROOM;
        }
        work.add(Math.clamp(chunk.cumulativeTsn() - tsns.cumulative(), 0, ReceivedTsns.MAX_SPAN) + chunk.entries()
            + streams.size());
        if (!tsns.skipTo(chunk.cumulativeTsn())) {
            return DUPLICATE;
        }
        for (int i = 0; i < chunk.entries() && !isTooLarge && !isStopped; i++) {
            final int id = chunk.streamId(i);
            if (id >= SctpAssociation.MAX_STREAMS) {
                continue;
            }
            final InStream stream = stream(id);
            if (chunk.isUnordered(i)) {
                dropUnorderedUpTo(stream, chunk.message(i));
            } else {
                skip(stream, chunk.message(i));
            }
        }
        if (!interleaved) {
            for (final InStream stream : streams.values()) {
                dropUnorderedUpTo(stream, chunk.cumulativeTsn());
            }
        }
        return isTooLarge ? MESSAGE_TOO_LARGE : TAKEN;
    }

    /** Goes on behind {@code message}; whole messages before it still count. */
    private void skip(final InStream stream, final int message) {
        while (!isTooLarge && !isStopped) {
            final Fragment head = stream.ordered.head;
            if (head == null || steps(message, head.message()) > 0) {
                break;
            }
            if (head.isBegin() && stream.ordered.lastOf(head, interleaved) != null) {
                stream.nextMessage = head.message() + 1;
                deliver(stream, stream.ordered, head);
            } else {
                take(stream.ordered, head);
                pool.give(head);
            }
        }
        if (steps(stream.nextMessage, message) >= 0) {
            stream.nextMessage = message + 1;
        }
        deliverReady(stream);
    }

    /** Drops unordered fragments up to a message (I-DATA) or a TSN (DATA). */
    private void dropUnorderedUpTo(final InStream stream, final int last) {
        Fragment head = stream.unordered.head;
        while (head != null && (interleaved ? head.message() - last : head.tsn() - last) <= 0) {
            take(stream.unordered, head);
            pool.give(head);
            head = stream.unordered.head;
        }
    }

    /** The peer starts a stream anew. */
    void resetStream(final int id) {
        final InStream stream = streams.get(id);
        if (stream != null) {
            drop(stream.ordered);
            drop(stream.unordered);
            stream.nextMessage = 0;
        }
    }

    /** Calls {@code action} for every stream that ever carried something; for a reset of all. */
    void resetAll(final java.util.function.IntConsumer action) {
        final int[] ids = streams.keySet().stream().mapToInt(Integer::intValue).toArray();
        for (int i = 0; i < ids.length && !isStopped; i++) {
            resetStream(ids[i]);
            action.accept(ids[i]);
        }
    }

    private void drop(final FragmentList list) {
        Fragment head = list.head;
        while (head != null) {
            take(list, head);
            pool.give(head);
            head = list.head;
        }
    }

    private void take(final FragmentList list, final Fragment fragment) {
        list.remove(fragment);
        held -= fragment.length();
    }

    private InStream stream(final int id) {
        @Nullable InStream stream = streams.get(id);
        if (stream == null) {
            stream = new InStream(id, work);
            streams.put(id, stream);
        }
        return stream;
    }

    private int steps(final int from, final int to) {
        return interleaved ? to - from : distance16(from, to);
    }

    private boolean isNext(final InStream stream, final int message) {
        return steps(stream.nextMessage, message) == 0;
    }

    private boolean isPast(final InStream stream, final int message) {
        return steps(stream.nextMessage, message) < 0;
    }

    /** One stream of the peer. */
    private static final class InStream {
        private final int id;
        private final FragmentList ordered;
        private final FragmentList unordered;
        private int nextMessage;

        InStream(final int id, final WorkCount work) {
            this.id = id;
            ordered = new FragmentList(work);
            unordered = new FragmentList(work);
        }
    }
}
