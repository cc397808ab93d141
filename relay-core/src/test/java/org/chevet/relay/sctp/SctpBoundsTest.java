package org.chevet.relay.sctp;

import static org.chevet.relay.sctp.ScriptedPeer.PEER_TSN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.sctp.ChunkType;
import org.chevet.codec.sctp.DataChunk;
import org.chevet.codec.sctp.SctpPacket;
import org.chevet.codec.sctp.SctpWriter;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.Test;

/** What one peer can make an association hold and do, and what happens at the edges of its life. */
class SctpBoundsTest {
    private static final UnsafeBuffer PAYLOAD = new UnsafeBuffer(new byte[2_000]);
    private static final int MAX_FRAGMENTS = ReceiveSide.MIN_FRAGMENTS;
    private static final long ONE_CHUNK = 10L * MAX_FRAGMENTS;

    private final ScriptedPeer peer = ScriptedPeer.connected(SctpConfig.DEFAULT, false);
    private final List<Integer> delivered = new ArrayList<>();
    private final ReceiveSide rx = new ReceiveSide(SctpConfig.DEFAULT_SIZE, SctpConfig.DEFAULT_SIZE,
        (stream, ppid, buffer, offset, length, unordered) -> delivered.add(length));

    private int give(final boolean interleaved, final int flags, final int tsn, final int streamId, final int message,
        final int fragment, final int length) {
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[2_000]);
        final SctpWriter writer = new SctpWriter().begin(bytes, 0, 2_000, 1, 1, 1);
        if (interleaved) {
            writer.interleavedData(flags, tsn, streamId, message, fragment, 51, PAYLOAD, 0, length);
        } else {
            writer.data(flags, tsn, streamId, message, 51, PAYLOAD, 0, length);
        }
        final SctpPacket packet = new SctpPacket();
        final DataChunk chunk = new DataChunk();
        assertTrue(packet.wrap(bytes, 0, writer.finish()) && packet.next() && chunk.wrap(packet));
        return rx.onData(chunk, bytes);
    }

    @Test
    void smallMessagesAreBoundedByTheirNumber() {
        int taken = 0;
        while (peer.send(1) == SctpAssociation.SENT) {
            taken++;
        }
        assertEquals(SendQueue.MAX_MESSAGES * 3 / 4, taken);
        peer.association.stream(2, SctpAssociation.PRIORITY_HIGH, 0);
        while (peer.send(2) == SctpAssociation.SENT) {
            taken++;
        }
        assertEquals(SendQueue.MAX_MESSAGES, taken);
        assertEquals(2, peer.dropped(DropReason.SCTP_BUFFER_FULL));
        assertEquals(4096L * 448, peer.association.sendMemory());
    }

    @Test
    void whoeverWasRefusedIsToldWhenThereIsRoomThoughTheMarkWasNeverReached() {
        peer.association.stream(1, 256, 1_000_000);
        peer.send(1);
        peer.poll();
        peer.sack(peer.ourTsn);
        assertEquals(List.of(1), peer.low);
        while (peer.send(1) == SctpAssociation.SENT) {
            assertTrue(peer.association.sendBuffered() < 100_000);
        }
        peer.low.clear();
        peer.poll();
        peer.sack(peer.ourTsn + 9);
        assertEquals(List.of(1), peer.low);
        assertEquals(SctpAssociation.SENT, peer.send(1));
    }

    @Test
    void streamsMayBeAddedWhileLowMarksAreSignalled() {
        for (int id = 0; id < 20; id++) {
            peer.send(id);
        }
        peer.onLow = stream -> {
            for (int id = 20; id < 600; id++) {
                peer.association.stream(id, 256, 0);
            }
        };
        peer.poll();
        peer.sack(peer.ourTsn + 19);
        assertEquals(20, peer.low.size());
        assertEquals(20, peer.low.stream().distinct().count());
    }

    @Test
    void ofTheSacksInOnePacketTheLastCounts() {
        for (int i = 0; i < 10; i++) {
            peer.send(1);
        }
        peer.poll();
        peer.packet(writer -> {
            for (int i = 0; i < 10; i++) {
                writer.sack(peer.ourTsn + i, 1_000_000, new int[0], new int[0], 0, new int[0], 0);
            }
        });
        assertEquals(9, peer.dropped(DropReason.SCTP_UNEXPECTED));
        assertEquals(0, peer.association.sendBuffered());
    }

    @Test
    void chunksOfOnePacketAreBounded() {
        rx.start(PEER_TSN, false);
        rx.startPacket();
        int taken = 0;
        while (give(false, DataChunk.BEGIN | DataChunk.END | DataChunk.UNORDERED, PEER_TSN + taken, 1, 0, 0, 1)
            == ReceiveSide.TAKEN) {
            taken++;
        }
        assertEquals(ReceiveSide.MAX_CHUNKS, taken);
        rx.startPacket();
        assertEquals(ReceiveSide.TAKEN, give(false, DataChunk.BEGIN | DataChunk.END | DataChunk.UNORDERED,
            PEER_TSN + taken, 1, 0, 0, 1));
    }

    /** Middle fragments with falling numbers in rising TSNs: each walks over all that came before. */
    @Test
    void fragmentsOfAStreamAndStepsOfAPacketAreBounded() {
        rx.start(PEER_TSN, true);
        int outcome = ReceiveSide.TAKEN;
        int count = 0;
        int most = 0;
        int refused = 0;
        while (outcome != ReceiveSide.FATAL && count < 5_000) {
            rx.startPacket();
            for (int i = 0; i < 58 && outcome != ReceiveSide.FATAL; i++) {
                outcome = give(true, 0, PEER_TSN + count, 1, 7, 100_000 - count, 1);
                count += outcome == ReceiveSide.TAKEN ? 1 : 0;
                refused += outcome == ReceiveSide.NO_ROOM ? 1 : 0;
            }
            most = Math.max(most, rx.steps());
        }
        assertEquals(ReceiveSide.FATAL, outcome);
        assertEquals(2 * MAX_FRAGMENTS, count);
        assertTrue(refused > 0 && most > ReceiveSide.MAX_STEPS, most + " steps, " + refused + " refused");
        assertTrue(most <= ReceiveSide.MAX_STEPS + ONE_CHUNK, "steps: " + most);
    }

    @Test
    void whatIsNotNextLeavesRoomForWhatIs() {
        rx.start(PEER_TSN, false);
        int outcome = ReceiveSide.TAKEN;
        int ahead = 0;
        while (outcome == ReceiveSide.TAKEN) {
            rx.startPacket();
            ahead++;
            outcome = give(false, DataChunk.BEGIN | DataChunk.END, PEER_TSN + ahead, 1, ahead, 0, 1);
        }
        assertEquals(ReceiveSide.NO_ROOM, outcome);
        assertEquals(MAX_FRAGMENTS + 1, ahead);
        assertEquals(ReceiveSide.TAKEN, give(false, DataChunk.BEGIN | DataChunk.END, PEER_TSN, 1, 0, 0, 1));
        assertEquals(MAX_FRAGMENTS + 1, delivered.size());
    }

    @Test
    void thePoolKeepsNoMoreThanItsBoundOverAllSizes() {
        final FragmentPool pool = new FragmentPool(1 << 20);
        for (final int length : new int[] {1, 1_000, 4_000, 60_000, 1}) {
            final List<Fragment> taken = new ArrayList<>();
            while (pool.inUse() + FragmentPool.costOf(length) <= 1 << 20) {
                taken.add(pool.take(length));
                assertTrue(pool.memory() <= 1 << 20, "memory: " + pool.memory());
            }
            taken.forEach(pool::give);
            assertEquals(0, pool.inUse());
            assertTrue(pool.memory() > 900_000);
        }
    }

    @Test
    void aMessageTooLargeThatAForwardTsnCompletesEndsTheAssociation() {
        final SctpConfig small = new SctpConfig(5000, 5000, 100_000, 1_500, 100_000, 100_000, false);
        final ScriptedPeer one = ScriptedPeer.connected(small, false);
        // Message 1 is whole but behind message 0, which the peer gives up.
        one.packet(each -> each.data(DataChunk.BEGIN, PEER_TSN + 1, 1, 1, 51, PAYLOAD, 0, 1_000));
        one.packet(each -> each.data(DataChunk.END, PEER_TSN + 2, 1, 1, 51, PAYLOAD, 0, 1_000));
        one.packet(each -> each.forwardTsn(PEER_TSN, new int[] {1}, new int[] {0}, 1));
        assertEquals(List.of(SctpListener.End.PEER_AT_FAULT), one.ends);
        assertEquals(1, one.dropped(DropReason.SCTP_MESSAGE_TOO_LARGE));
        one.poll();
        assertEquals(ChunkType.ABORT, one.chunkTypes.getLast());
    }

    @Test
    void afterAMessageTooLargeTheReceivingSideStartsClean() {
        final ReceiveSide one = rx;
        one.start(PEER_TSN, false);
        give(false, DataChunk.BEGIN, PEER_TSN, 1, 0, 0, 2);
        int tsn = PEER_TSN;
        for (int i = 0; i < 200; i++) {
            tsn++;
            one.startPacket();
            give(false, i == 199 ? DataChunk.END : 0, tsn, 1, 0, 0, 1_400);
        }
        assertEquals(List.of(), delivered);
        one.start(PEER_TSN, false);
        one.startPacket();
        give(false, DataChunk.BEGIN | DataChunk.END, PEER_TSN + 1, 1, 1, 0, 5);
        give(false, DataChunk.BEGIN | DataChunk.END, PEER_TSN, 1, 0, 0, 4);
        assertEquals(List.of(4, 5), delivered);
    }

    @Test
    void nothingIsDeliveredAfterTheOwnerEndedTheAssociationFromInside() {
        peer.data(PEER_TSN + 1, 1, 1);
        peer.data(PEER_TSN + 2, 1, 2);
        peer.onMessage = stream -> peer.association.abort();
        peer.data(PEER_TSN, 1, 0);
        assertEquals(List.of(1), peer.messages);
        assertEquals(List.of(SctpListener.End.ABORTED), peer.ends);
    }

    @Test
    void anInitAckWithoutStreamsIsAnsweredUnderThePeersTagOrNotAtAll() {
        final ScriptedPeer zero = new ScriptedPeer(SctpConfig.DEFAULT);
        zero.init();
        zero.answerInit(0, 0, false);
        zero.poll();
        assertEquals(List.of(), zero.chunkTypes);
        assertEquals(List.of(SctpListener.End.PEER_AT_FAULT), zero.ends);
        final ScriptedPeer tagged = new ScriptedPeer(SctpConfig.DEFAULT);
        tagged.init();
        tagged.answerInit(77, 0, false);
        tagged.poll();
        assertEquals(List.of(ChunkType.ABORT), tagged.chunkTypes);
        assertEquals(List.of(77), tagged.tags);
    }

    @Test
    void aCookieAckThatComesTwiceIsCounted() {
        assertEquals(SctpAssociation.REFUSED, peer.packet(writer -> writer.plain(ChunkType.COOKIE_ACK, 0)));
        assertEquals(1, peer.dropped(DropReason.SCTP_UNEXPECTED));
        assertFalse(peer.ends.contains(SctpListener.End.PEER_AT_FAULT));
    }
}
