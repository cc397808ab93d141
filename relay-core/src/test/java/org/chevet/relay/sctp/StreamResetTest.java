package org.chevet.relay.sctp;

import static org.chevet.relay.sctp.ScriptedPeer.PEER_TSN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.chevet.codec.sctp.StreamReset;
import org.chevet.relay.sctp.ScriptedPeer.Request;
import org.chevet.relay.sctp.ScriptedPeer.Response;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.Test;

/** Stream resets (RFC 6525) opposite peers that answer by the letter, as dcSCTP and usrsctp do, or that refuse. */
class StreamResetTest {
    private final ScriptedPeer peer = ScriptedPeer.connected(SctpConfig.DEFAULT, false);

    private Request ask(final int streamId) {
        assertTrue(peer.association.resetStream(streamId));
        peer.poll();
        return peer.requests.getLast();
    }

    @Test
    void afterALaterTheResetIsAskedAgainUnderTheNextNumber() {
        for (final int later : new int[] {StreamReset.IN_PROGRESS, StreamReset.BUSY}) {
            final Request first = ask(6);
            // dcSCTP gives the earlier answer to a number it has seen, for ever.
            peer.respond(first.sequence(), later);
            peer.pass(1_500);
            final Request second = peer.requests.getLast();
            assertEquals(new Request(first.sequence() + 1, first.lastTsn(), List.of(6)), second);
            peer.respond(second.sequence(), later);
            peer.pass(1_500);
            final Request third = peer.requests.getLast();
            assertEquals(first.sequence() + 2, third.sequence());
            peer.respond(third.sequence(), StreamReset.PERFORMED);
            assertEquals(SctpAssociation.SENT, peer.send(6));
            peer.poll();
            assertEquals(0, peer.sentNumbers.getLast());
            peer.sack(peer.ourTsn + peer.sentNumbers.size() - 1);
        }
        assertEquals(List.of(6, 6), peer.outgoingResets);
    }

    @Test
    void aLaterAnswerToTheOldNumberIsTakenAndTheUnusedNumberIsTheNext() {
        final Request first = ask(6);
        peer.respond(first.sequence(), StreamReset.IN_PROGRESS);
        // usrsctp tells by itself when it is done.
        peer.respond(first.sequence(), StreamReset.PERFORMED);
        assertEquals(List.of(6), peer.outgoingResets);
        peer.pass(5_000);
        assertEquals(1, peer.requests.size());
        assertEquals(first.sequence() + 1, ask(8).sequence());
    }

    @Test
    void anAnswerToAnOvertakenNumberIsNoAnswerToTheNext() {
        final Request first = ask(6);
        peer.respond(first.sequence(), StreamReset.IN_PROGRESS);
        peer.pass(1_500);
        peer.respond(first.sequence(), StreamReset.BAD_SEQUENCE);
        assertEquals(List.of(), peer.refusedResets);
        // The next request may be lost: taking the following number now would be a bad one to the peer.
        peer.respond(first.sequence(), StreamReset.PERFORMED);
        assertEquals(List.of(), peer.outgoingResets);
        peer.respond(first.sequence() + 1, StreamReset.PERFORMED);
        assertEquals(List.of(6), peer.outgoingResets);
    }

    @Test
    void aPeerThatIsAlwaysBusyIsNotGivenUp() {
        int next = ask(6).sequence();
        for (int i = 0; i < 3 * StreamResets.MAX_TRIES; i++) {
            peer.respond(next, StreamReset.IN_PROGRESS);
            peer.pass(1_100);
            next++;
            assertEquals(next, peer.requests.getLast().sequence());
        }
        assertEquals(SctpState.ESTABLISHED, peer.association.state());
    }

    @Test
    void aDeferredRequestUsesUpItsNumberAndIsDoneOnce() {
        peer.request(PEER_TSN, PEER_TSN + 1, 4);
        peer.poll();
        // A repetition gets the same answer; the next number about the same streams is a question, not a new reset.
        peer.request(PEER_TSN, PEER_TSN + 1, 4);
        peer.poll();
        peer.request(PEER_TSN + 1, PEER_TSN + 1, 4);
        peer.poll();
        assertEquals(List.of(new Response(PEER_TSN, StreamReset.IN_PROGRESS),
            new Response(PEER_TSN, StreamReset.IN_PROGRESS), new Response(PEER_TSN + 1, StreamReset.IN_PROGRESS)),
            peer.responses);
        peer.data(PEER_TSN, 4, 0);
        assertEquals(List.of(), peer.incomingResets);
        peer.data(PEER_TSN + 1, 4, 1);
        peer.poll();
        assertEquals(List.of(4), peer.incomingResets);
        assertEquals(new Response(PEER_TSN + 1, StreamReset.PERFORMED), peer.responses.getLast());
        peer.request(PEER_TSN + 2, PEER_TSN + 1, 4);
        peer.poll();
        assertEquals(new Response(PEER_TSN + 2, StreamReset.PERFORMED), peer.responses.getLast());
        assertEquals(List.of(4), peer.incomingResets);
        // The stream was started anew by that; what follows is a reset of its own.
        peer.data(PEER_TSN + 2, 4, 0);
        peer.request(PEER_TSN + 3, PEER_TSN + 2, 4);
        assertEquals(List.of(4, 4), peer.incomingResets);
        assertEquals(3, peer.messages.size());
    }

    @Test
    void otherNumbersAndOtherStreamsMeanwhileAreRefused() {
        assertEquals(SctpAssociation.HANDLED, peer.request(PEER_TSN, PEER_TSN, 4));
        peer.request(PEER_TSN + 7, PEER_TSN, 4);
        peer.poll();
        assertEquals(List.of(new Response(PEER_TSN, StreamReset.IN_PROGRESS),
            new Response(PEER_TSN + 7, StreamReset.BAD_SEQUENCE)), peer.responses);
        assertEquals(1, peer.dropped(DropReason.SCTP_UNEXPECTED));
        peer.request(PEER_TSN + 1, PEER_TSN, 5);
        peer.poll();
        assertEquals(new Response(PEER_TSN + 1, StreamReset.BUSY), peer.responses.getLast());
        peer.data(PEER_TSN, 4, 0);
        peer.request(PEER_TSN + 2, PEER_TSN, 4);
        peer.poll();
        assertEquals(new Response(PEER_TSN + 2, StreamReset.PERFORMED), peer.responses.getLast());
        assertEquals(List.of(4), peer.incomingResets);
    }

    @Test
    void whileAResetWaitsOnlyDataOfItsStreamsIsRefused() {
        peer.request(PEER_TSN, PEER_TSN, 4);
        peer.data(PEER_TSN + 1, 9, 0);
        peer.data(PEER_TSN + 2, 4, 0);
        assertEquals(List.of(9), peer.messages);
        assertEquals(1, peer.dropped(DropReason.SCTP_NO_ROOM));
        peer.data(PEER_TSN, 4, 0);
        peer.data(PEER_TSN + 2, 4, 0);
        assertEquals(List.of(9, 4, 4), peer.messages);
        // No list means all.
        peer.request(PEER_TSN + 1, PEER_TSN + 3);
        peer.data(PEER_TSN + 4, 9, 0);
        assertEquals(2, peer.dropped(DropReason.SCTP_NO_ROOM));
    }

    @Test
    void aRefusedResetKeepsTheNumbersAndIsReported() {
        for (final int refusal : new int[] {StreamReset.DENIED, StreamReset.WRONG_STREAM, StreamReset.BAD_SEQUENCE}) {
            final ScriptedPeer one = ScriptedPeer.connected(SctpConfig.DEFAULT, false);
            one.send(6);
            assertTrue(one.association.resetStream(6));
            one.poll();
            one.sack(one.ourTsn);
            one.respond(one.requests.getLast().sequence(), refusal);
            assertEquals(List.of(6), one.refusedResets);
            assertEquals(List.of(), one.outgoingResets);
            assertEquals(SctpAssociation.NOT_OPEN, one.send(6));
            assertEquals(1, one.dropped(DropReason.SCTP_UNEXPECTED));
        }
    }

    @Test
    void aChannelWhoseResetIsRefusedEndsAndItsNumberIsNotGivenAgain() {
        final ChannelLog log = new ChannelLog();
        final DataChannels channels = new DataChannels(SctpConfig.DEFAULT, true, log, peer.stats,
            new SplittableRandom(3));
        final DataChannel channel = channels.openNegotiated(0, "a", "", true, 256, -1, -1);
        assertNotNull(channel);
        channels.onOutgoingResetRefused(0);
        assertEquals(List.of(channel), log.closed);
        assertEquals(0, channels.size());
        assertNull(channels.openNegotiated(0, "b", "", true, 256, -1, -1));
        channels.onRestart();
        assertNotNull(channels.openNegotiated(0, "c", "", true, 256, -1, -1));
    }

    @Test
    void aRequestIsDoneWhollyOrNotAtAll() {
        peer.data(PEER_TSN, 4, 0);
        final int[] many = new int[StreamResets.MAX_STREAMS + 1];
        Arrays.setAll(many, i -> i);
        peer.request(PEER_TSN, PEER_TSN, many);
        peer.request(PEER_TSN + 1, PEER_TSN, 4, SctpAssociation.MAX_STREAMS);
        assertEquals(List.of(), peer.incomingResets);
        peer.poll();
        assertEquals(new Response(PEER_TSN + 1, StreamReset.WRONG_STREAM), peer.responses.getLast());
        peer.request(PEER_TSN + 2, PEER_TSN, many);
        peer.poll();
        assertEquals(new Response(PEER_TSN + 2, StreamReset.DENIED), peer.responses.getLast());
        final int[] most = Arrays.copyOf(many, StreamResets.MAX_STREAMS);
        peer.request(PEER_TSN + 3, PEER_TSN, most);
        peer.poll();
        assertEquals(new Response(PEER_TSN + 3, StreamReset.PERFORMED), peer.responses.getLast());
        assertEquals(most.length, peer.incomingResets.size());
    }
}
