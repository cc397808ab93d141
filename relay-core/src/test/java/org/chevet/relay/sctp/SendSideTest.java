package org.chevet.relay.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.sctp.SackChunk;
import org.chevet.codec.sctp.SctpPacket;
import org.chevet.codec.sctp.SctpWriter;
import org.junit.jupiter.api.Test;

/** The ring of sent chunks at its bound, messages given up there, and the clock of the round trip. */
class SendSideTest {
    private static final long MS = 1_000_000L;
    private static final int FIRST = 100;
    private static final UnsafeBuffer BYTES = new UnsafeBuffer(new byte[8_000]);

    private final SendSide tx = new SendSide(SctpAssociation.MTU);
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[SctpAssociation.MTU]);
    private final SctpWriter writer = new SctpWriter();
    private long nowNs = MS;

    private boolean fill() {
        writer.begin(out, 0, SctpAssociation.MTU, 1, 1, 1);
        return tx.fill(writer, nowNs);
    }

    private OutMessage send(final int streamId, final int priority, final int length) {
        final OutStream stream = tx.queue().stream(streamId);
        stream.priority = priority;
        final OutMessage message = tx.send(stream, BYTES, 0, length);
        message.ppid = 51;
        message.ordered = true;
        message.maxRetransmits = OutMessage.NO_LIMIT;
        message.expiresNs = OutMessage.NEVER;
        return message;
    }

    private void sack(final int cumulative, final int from, final int to) {
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[100]);
        final SctpWriter each = new SctpWriter().begin(bytes, 0, 100, 1, 1, 1);
        each.sack(cumulative, 1_000_000, new int[] {from}, new int[] {to}, from == 0 ? 0 : 1, new int[0], 0);
        final SctpPacket packet = new SctpPacket();
        final SackChunk sack = new SackChunk();
        assertTrue(packet.wrap(bytes, 0, each.finish()) && packet.next() && sack.wrap(packet));
        assertTrue(tx.onSack(sack, nowNs));
    }

    private int size() {
        return tx.lastTsn() - tx.firstTsn() + 1;
    }

    private void expire(final int streamId) {
        final OutMessage head = tx.queue().stream(streamId).head;
        assertNotNull(head);
        head.expiresNs = nowNs;
    }

    /** One packet each of some messages of three; then small ones until one place of the ring is left. */
    private void fillRing(final int halfSent) {
        tx.start(FIRST, 1_000_000, true, true);
        for (int i = 0; i < halfSent; i++) {
            send(i, 300 + i, 3_000);
            assertTrue(fill());
        }
        assertEquals(halfSent, size());
        while (size() < SentChunks.MAX - 1) {
            for (int i = Math.min(30, SentChunks.MAX - 1 - size()); i > 0; i--) {
                send(9, 400, 1);
            }
            nowNs += MS;
            // A packet with a small one has no room for a part of a large one.
            while (tx.queue().stream(9).head != null) {
                assertTrue(fill());
            }
            // All but the first came.
            sack(FIRST - 1, 2, size());
        }
    }

    @Test
    void messagesThatCannotBeGivenUpAtTheBoundDoNotLoop() {
        fillRing(2);
        expire(0);
        expire(1);
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            fill();
            fill();
        });
        assertEquals(SentChunks.MAX, size());
        assertEquals(1, tx.takeAbandoned());
        // Room again: the other one goes too.
        sack(FIRST + 2_000, 0, 0);
        fill();
        assertEquals(1, tx.takeAbandoned());
        assertTrue(tx.queue().isEmpty());
    }

    @Test
    void theEndOfAMessageGivenUpDoesNotBreakTheBound() {
        fillRing(1);
        send(8, 128, 10);
        expire(0);
        fill();
        assertEquals(SentChunks.MAX, size());
        for (int i = 0; i < 50; i++) {
            send(8, 128, 10);
            fill();
        }
        assertEquals(SentChunks.MAX, size());
        sack(tx.lastTsn() - 1, 0, 0);
        assertTrue(fill());
    }

    @Test
    void theRoundTripIsMeasuredAgainAfterATimedChunkWasGivenUp() {
        tx.start(FIRST, 1_000_000, false, true);
        send(1, 256, 10).maxRetransmits = 0;
        for (int i = 0; i < 4; i++) {
            send(2, 256, 1_000);
        }
        for (int i = 0; i < 5; i++) {
            fill();
        }
        for (int last = 2; last <= 4; last++) {
            sack(FIRST - 1, 2, last);
        }
        assertEquals(1, tx.takeAbandoned());
        sack(tx.lastTsn(), 0, 0);
        send(2, 256, 10);
        fill();
        nowNs += 50 * MS;
        sack(tx.lastTsn(), 0, 0);
        assertEquals(50 * MS, tx.roundTripNs());
    }
}
