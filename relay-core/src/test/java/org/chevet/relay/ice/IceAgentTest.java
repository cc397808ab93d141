package org.chevet.relay.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.stun.StunIntegrity;
import org.chevet.codec.stun.StunMessage;
import org.chevet.codec.stun.StunWriter;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class IceAgentTest {
    private static final String UFRAG = "relay";
    private static final String PASSWORD = "0123456789abcdefghijkl";
    private static final String NEW_UFRAG = "again";
    private static final String NEW_PASSWORD = "lkjihgfedcba9876543210";
    private static final String OTHER_PASSWORD = "another password than ours";
    private static final TransportAddress A = TransportAddress.ofIpv4(0x0A000001, 1001);
    private static final TransportAddress B = TransportAddress.ofIpv4(0x0A000002, 1002);
    private static final long MS = 1_000_000;
    private static final long HANDSHAKE_MS = 15_000;
    private static final long IDLE_MS = 30_000;

    private final UnsafeBuffer in = new UnsafeBuffer(new byte[2048]);
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[2048]);
    private final StunWriter writer = new StunWriter();
    private final StunMessage answer = new StunMessage();
    private final IceAgent agent = new IceAgent(UFRAG, PASSWORD, HANDSHAKE_MS, IDLE_MS, 0);
    private int transaction;

    private StunWriter begin(final int type) {
        final UnsafeBuffer id = new UnsafeBuffer(new byte[12]);
        id.putInt(0, ++transaction);
        return writer.begin(in, 0, in.capacity(), type, id, 0);
    }

    private int check(final TransportAddress from, final String ufrag, final String password, final boolean use,
        final long nowNs) {
        return check(0, from, ufrag, password, nowNs, w -> {
            w.priority(1).iceControlling(7);
            if (use) {
                w.useCandidate();
            }
        });
    }

    private int check(final int socket, final TransportAddress from, final String ufrag, final String password,
        final long nowNs, final Consumer<StunWriter> attributes) {
        begin(StunMessage.BINDING_REQUEST).username(ascii(ufrag + ":peer"));
        attributes.accept(writer);
        writer.integrity(new StunIntegrity(ascii(password))).fingerprint();
        return agent.handleStun(in, 0, writer.length(), socket, from, nowNs);
    }

    private static byte[] ascii(final String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Polls one answer and checks what every answer has. */
    private void expectAnswer(final int type, final TransportAddress to, final String password) {
        final int length = agent.pollTransmit(out, 0, 0);
        assertTrue(length > 0 && length <= IceAgent.MAX_ANSWER, "length " + length);
        assertTrue(answer.wrap(out, 0, length));
        assertEquals(type, answer.type());
        assertTrue(answer.hasTransactionId(in, 8));
        assertTrue(answer.checkFingerprint());
        assertEquals(to, agent.transmitTo());
        if (password.isEmpty()) {
            assertFalse(answer.hasIntegrity());
        } else {
            assertTrue(new StunIntegrity(ascii(password)).verify(answer));
        }
    }

    private void expectNothing() {
        assertEquals(0, agent.pollTransmit(out, 0, 0));
    }

    @Test
    void validCheckIsAnsweredWithTheAddressItCameFrom() {
        assertEquals(IceAgent.State.WAITING, agent.state());
        assertNull(agent.selectedTo());
        assertFalse(agent.isValidated(0, A));
        assertEquals(IceAgent.ANSWERED, check(A, UFRAG, PASSWORD, false, 0));
        expectAnswer(StunMessage.BINDING_SUCCESS, A, PASSWORD);
        assertEquals(A, answer.xorMappedAddress());
        expectNothing();
        assertEquals(IceAgent.State.VALIDATED, agent.state());
        assertTrue(agent.isValidated(0, A));
        assertFalse(agent.isValidated(0, B));
        assertEquals(A, agent.selectedTo(), "DTLS may start before nomination");
        final TransportAddress ipv6 = new TransportAddress(0x2001_0db8_0000_0000L, 0x42, 5000);
        assertEquals(IceAgent.ANSWERED, check(ipv6, UFRAG, PASSWORD, false, 0));
        expectAnswer(StunMessage.BINDING_SUCCESS, ipv6, PASSWORD);
        assertEquals(ipv6, answer.xorMappedAddress());
    }

    @Test
    void everyPairIsAnsweredAndNominationIsFollowed() {
        check(A, UFRAG, PASSWORD, true, 0);
        assertEquals(IceAgent.State.SELECTED, agent.state());
        check(B, UFRAG, PASSWORD, false, 1);
        assertEquals(A, agent.selectedTo(), "a later check without nomination moves nothing");
        assertTrue(agent.isValidated(0, B));
        check(B, UFRAG, PASSWORD, true, 2);
        assertEquals(B, agent.selectedTo());
        assertTrue(agent.isValidated(0, A), "the other one stays validated");
    }

    @Test
    void answersLeaveFromTheLocalAddressThatWasAsked() {
        check(3, A, UFRAG, PASSWORD, 0, w -> w.priority(1).iceControlling(7).useCandidate());
        expectAnswer(StunMessage.BINDING_SUCCESS, A, PASSWORD);
        assertEquals(3, agent.transmitSocket());
        assertEquals(3, agent.selectedSocket());
        assertTrue(agent.isValidated(3, A));
        assertFalse(agent.isValidated(2, A), "the same remote address on another local one is another pair");
    }

    @Test
    void badRequestsGetTheErrorOfTheRfcAndProveNothing() {
        assertEquals(IceAgent.BAD_INTEGRITY, check(A, UFRAG, OTHER_PASSWORD, true, 0));
        expectAnswer(StunMessage.BINDING_ERROR, A, "");
        assertEquals(401, answer.errorCode());
        assertEquals(IceAgent.UNKNOWN_USER, check(A, "other", PASSWORD, true, 0));
        expectAnswer(StunMessage.BINDING_ERROR, A, "");
        assertEquals(401, answer.errorCode());
        assertEquals(IceAgent.UNKNOWN_USER, check(A, UFRAG + "x", PASSWORD, true, 0), "a longer ufrag");
        expectAnswer(StunMessage.BINDING_ERROR, A, "");
        begin(StunMessage.BINDING_REQUEST).username(ascii(UFRAG + ":peer")).fingerprint();
        assertEquals(IceAgent.BAD_INTEGRITY, agent.handleStun(in, 0, writer.length(), 0, A, 0));
        expectAnswer(StunMessage.BINDING_ERROR, A, "");
        assertEquals(400, answer.errorCode());
        begin(StunMessage.BINDING_REQUEST).integrity(new StunIntegrity(ascii(PASSWORD))).fingerprint();
        assertEquals(IceAgent.UNKNOWN_USER, agent.handleStun(in, 0, writer.length(), 0, A, 0));
        expectAnswer(StunMessage.BINDING_ERROR, A, "");
        assertEquals(400, answer.errorCode());
        assertEquals(IceAgent.State.WAITING, agent.state());
        assertEquals(0, agent.validatedPairs());
    }

    @Test
    void controlledClientIsToldOfTheRoleConflict() {
        for (final long tieBreaker : new long[] {0, 1, -1, Long.MIN_VALUE}) {
            assertEquals(IceAgent.UNEXPECTED, check(0, A, UFRAG, PASSWORD, 0, w -> w.iceControlled(tieBreaker)));
            expectAnswer(StunMessage.BINDING_ERROR, A, PASSWORD);
            assertEquals(487, answer.errorCode());
        }
        assertEquals(0, agent.validatedPairs());
    }

    @Test
    void aRefusedCheckIsRefusedAgainWhenItIsRepeated() {
        assertEquals(IceAgent.UNEXPECTED, check(0, A, UFRAG, PASSWORD, 0, w -> w.iceControlled(7)));
        expectAnswer(StunMessage.BINDING_ERROR, A, PASSWORD);
        assertEquals(IceAgent.UNEXPECTED, agent.handleStun(in, 0, writer.length(), 0, A, 0));
        expectAnswer(StunMessage.BINDING_ERROR, A, PASSWORD);
        assertEquals(487, answer.errorCode());
    }

    @Test
    void unknownAttributesThatMustBeUnderstoodAreNamed() {
        assertEquals(IceAgent.UNEXPECTED, check(0, A, UFRAG, PASSWORD, 0,
            w -> w.priority(1).attribute(0x7001, new byte[3]).attribute(0x7002, new byte[4])));
        expectAnswer(StunMessage.BINDING_ERROR, A, PASSWORD);
        assertEquals(420, answer.errorCode());
        final int at = answer.find(0x000A);
        assertEquals(4, answer.attributeLength(at));
        assertEquals(0x7001, out.getShort(at, java.nio.ByteOrder.BIG_ENDIAN));
        assertEquals(0x7002, out.getShort(at + 2, java.nio.ByteOrder.BIG_ENDIAN));
        assertEquals(IceAgent.ANSWERED, check(0, A, UFRAG, PASSWORD, 0,
            w -> w.priority(1).attribute(0xC057, new byte[4])), "optional ones are ignored");
        expectAnswer(StunMessage.BINDING_SUCCESS, A, PASSWORD);
    }

    @Test
    void manyUnknownAttributesFitTheAnswer() {
        assertEquals(IceAgent.UNEXPECTED, check(0, A, UFRAG, PASSWORD, 0, w -> {
            for (int i = 0; i < 100; i++) {
                w.attribute(0x7000 + i, new byte[0]);
            }
        }));
        expectAnswer(StunMessage.BINDING_ERROR, A, PASSWORD);
        assertEquals(2 * IceAgent.MAX_UNKNOWN, answer.attributeLength(answer.find(0x000A)));
    }

    @Test
    void whatIsNoCheckGetsNoAnswer() {
        begin(StunMessage.BINDING_INDICATION).fingerprint();
        assertEquals(IceAgent.IGNORED, agent.handleStun(in, 0, writer.length(), 0, A, 0));
        begin(StunMessage.BINDING_SUCCESS).fingerprint();
        assertEquals(IceAgent.UNEXPECTED, agent.handleStun(in, 0, writer.length(), 0, A, 0));
        begin(StunMessage.BINDING_ERROR).fingerprint();
        assertEquals(IceAgent.UNEXPECTED, agent.handleStun(in, 0, writer.length(), 0, A, 0));
        begin(0x0003).fingerprint();
        assertEquals(IceAgent.UNEXPECTED, agent.handleStun(in, 0, writer.length(), 0, A, 0), "TURN Allocate");
        begin(StunMessage.BINDING_REQUEST).username(ascii(UFRAG + ":peer"))
            .integrity(new StunIntegrity(ascii(PASSWORD)));
        assertEquals(IceAgent.MALFORMED, agent.handleStun(in, 0, writer.length(), 0, A, 0), "no FINGERPRINT");
        check(A, UFRAG, PASSWORD, false, 0);
        assertTrue(agent.pollTransmit(out, 0, 0) > 0);
        final int length = writer.length();
        in.putByte(length - 1, (byte) (in.getByte(length - 1) ^ 1));
        assertEquals(IceAgent.MALFORMED, agent.handleStun(in, 0, length, 0, A, 0), "wrong FINGERPRINT");
        expectNothing();
        assertEquals(DropReason.STUN_MALFORMED, IceAgent.drop(IceAgent.MALFORMED));
        assertEquals(DropReason.STUN_BAD_INTEGRITY, IceAgent.drop(IceAgent.BAD_INTEGRITY));
        assertEquals(DropReason.STUN_UNKNOWN_USER, IceAgent.drop(IceAgent.UNKNOWN_USER));
        assertEquals(DropReason.STUN_UNEXPECTED, IceAgent.drop(IceAgent.UNEXPECTED));
        assertNull(IceAgent.drop(IceAgent.ANSWERED));
        assertNull(IceAgent.drop(IceAgent.IGNORED));
    }

    @Test
    void pairsAreBoundedAndTheSelectedOneStays() {
        check(A, UFRAG, PASSWORD, true, 0);
        for (int i = 1; i < 1000; i++) {
            final TransportAddress from = TransportAddress.ofIpv4(0x0B000000 + i, 2000);
            assertEquals(IceAgent.ANSWERED, check(from, UFRAG, PASSWORD, false, i));
            while (agent.pollTransmit(out, 0, 0) > 0) {
                assertTrue(agent.validatedPairs() <= IceAgent.MAX_PAIRS);
            }
            assertTrue(agent.isValidated(0, from));
        }
        assertEquals(IceAgent.MAX_PAIRS, agent.validatedPairs());
        assertTrue(agent.isValidated(0, A));
        assertEquals(A, agent.selectedTo());
        assertFalse(agent.isValidated(0, TransportAddress.ofIpv4(0x0B000001, 2000)), "the oldest made room");
    }

    @Test
    void answersThatNobodyPollsAreBounded() {
        for (int i = 0; i < 100; i++) {
            check(A, UFRAG, PASSWORD, false, i);
        }
        int polled = 0;
        while (agent.pollTransmit(out, 0, 0) > 0) {
            polled++;
        }
        assertEquals(IceAgent.MAX_ANSWERS, polled);
        check(A, UFRAG, PASSWORD, false, 100);
        expectAnswer(StunMessage.BINDING_SUCCESS, A, PASSWORD);
    }

    @Test
    void handshakeThatTakesTooLongExpires() {
        assertEquals(HANDSHAKE_MS * MS, agent.nextDeadlineNs());
        check(A, UFRAG, PASSWORD, true, 14_000 * MS);
        agent.handleTimeout(HANDSHAKE_MS * MS - 1);
        assertEquals(IceAgent.State.SELECTED, agent.state());
        agent.handleTimeout(HANDSHAKE_MS * MS);
        assertEquals(IceAgent.State.EXPIRED, agent.state());
        assertEquals(Long.MAX_VALUE, agent.nextDeadlineNs());
        expectAnswerAfterExpiry();
    }

    private void expectAnswerAfterExpiry() {
        while (agent.pollTransmit(out, 0, 0) > 0) {
            assertEquals(A, agent.transmitTo());
        }
        assertEquals(IceAgent.UNEXPECTED, check(A, UFRAG, PASSWORD, true, 20_000 * MS));
        expectNothing();
        assertEquals(IceAgent.State.EXPIRED, agent.state(), "it does not come back");
    }

    @Test
    @Tag("REQ-A2")
    void silenceExpiresAndAuthenticatedMediaOrChecksPreventIt() {
        check(A, UFRAG, PASSWORD, true, 0);
        agent.onConnected(0);
        long nowNs = 0;
        for (int i = 0; i < 10; i++) {
            nowNs += 29_000 * MS;
            if (i % 2 == 0) {
                agent.onAuthenticated(nowNs);
            } else {
                check(A, UFRAG, PASSWORD, false, nowNs);
            }
            agent.handleTimeout(nowNs);
            assertEquals(IceAgent.State.SELECTED, agent.state());
            assertTrue(agent.nextDeadlineNs() > nowNs);
        }
        begin(StunMessage.BINDING_INDICATION).fingerprint();
        agent.handleStun(in, 0, writer.length(), 0, A, nowNs + 20_000 * MS);
        check(A, UFRAG, OTHER_PASSWORD, true, nowNs + 21_000 * MS);
        agent.handleTimeout(nowNs + IDLE_MS * MS - 1);
        assertEquals(IceAgent.State.SELECTED, agent.state());
        agent.handleTimeout(nowNs + IDLE_MS * MS);
        assertEquals(IceAgent.State.EXPIRED, agent.state(), "indications and forgeries are no sign of life");
    }

    @Test
    @Tag("REQ-E3")
    void iceRestartKeepsThePairUntilACheckWithTheNewCredentials() {
        check(A, UFRAG, PASSWORD, true, 0);
        agent.restart(NEW_UFRAG, NEW_PASSWORD, 1);
        assertEquals(A, agent.selectedTo());
        assertEquals(IceAgent.ANSWERED, check(A, UFRAG, PASSWORD, true, 2), "consent with the old ones goes on");
        assertEquals(A, agent.selectedTo());
        check(B, UFRAG, PASSWORD, false, 3);
        assertEquals(A, agent.selectedTo());
        assertEquals(IceAgent.BAD_INTEGRITY, check(B, NEW_UFRAG, PASSWORD, true, 4), "halves of two generations");
        assertEquals(IceAgent.ANSWERED, check(B, NEW_UFRAG, NEW_PASSWORD, false, 5));
        assertEquals(B, agent.selectedTo());
        assertEquals(IceAgent.ANSWERED, check(A, UFRAG, PASSWORD, true, 5), "still answered");
        assertEquals(B, agent.selectedTo(), "the old generation decides nothing any more");
        assertEquals(IceAgent.ANSWERED, check(B, NEW_UFRAG, NEW_PASSWORD, true, 6));
        assertEquals(IceAgent.UNKNOWN_USER, check(A, UFRAG, PASSWORD, true, 7), "the old ones are forgotten");
        assertEquals(B, agent.selectedTo());
        assertTrue(agent.isValidated(0, A), "media in flight on the old pair is still taken");
    }

    @Test
    void copiesOfAChecksMoveNothingAndKeepNothingAlive() {
        check(A, UFRAG, PASSWORD, true, 0);
        agent.onConnected(0);
        expectAnswer(StunMessage.BINDING_SUCCESS, A, PASSWORD);
        final int length = writer.length();
        assertEquals(IceAgent.REPLAYED, agent.handleStun(in, 0, length, 0, B, 1));
        assertEquals(IceAgent.REPLAYED, agent.handleStun(in, 0, length, 1, A, 1), "to another address of ours");
        expectNothing();
        assertFalse(agent.isValidated(0, B));
        assertEquals(A, agent.selectedTo());
        assertEquals(IceAgent.ANSWERED, agent.handleStun(in, 0, length, 0, A, 29_000 * MS), "a retransmission");
        expectAnswer(StunMessage.BINDING_SUCCESS, A, PASSWORD);
        assertEquals(0, agent.authenticatedNs());
        agent.handleTimeout(IDLE_MS * MS);
        assertEquals(IceAgent.State.EXPIRED, agent.state(), "consent needs a check of its own (RFC 7675 section 5.1)");
        assertEquals(DropReason.STUN_REPLAYED, IceAgent.drop(IceAgent.REPLAYED));
    }

    @Test
    void aCopyIsKnownHoweverLongItWasKept() {
        final byte[][] sent = new byte[IceAgent.MAX_SEEN][];
        for (int i = 0; i < sent.length; i++) {
            check(A, UFRAG, PASSWORD, true, i);
            sent[i] = new byte[writer.length()];
            in.getBytes(0, sent[i]);
            expectAnswer(StunMessage.BINDING_SUCCESS, A, PASSWORD);
        }
        for (final byte[] old : sent) {
            assertEquals(IceAgent.REPLAYED, agent.handleStun(new UnsafeBuffer(old), 0, old.length, 0, B,
                sent.length));
        }
        assertEquals(IceAgent.WORN_OUT, check(B, UFRAG, PASSWORD, true, sent.length), "nobody can tell any more");
        assertEquals(DropReason.STUN_WORN_OUT, IceAgent.drop(IceAgent.WORN_OUT));
        expectNothing();
        assertFalse(agent.isValidated(0, B));
        assertEquals(A, agent.selectedTo());
        assertEquals(IceAgent.ANSWERED, check(A, UFRAG, PASSWORD, true, sent.length), "a known pair goes on");
        expectAnswer(StunMessage.BINDING_SUCCESS, A, PASSWORD);
        assertEquals(sent.length, agent.authenticatedNs());
        agent.restart(NEW_UFRAG, NEW_PASSWORD, sent.length);
        check(A, NEW_UFRAG, NEW_PASSWORD, true, sent.length);
        for (final byte[] old : sent) {
            assertEquals(IceAgent.UNKNOWN_USER, agent.handleStun(new UnsafeBuffer(old), 0, old.length, 0, B,
                sent.length), "a restart ends what was heard before it");
        }
        assertEquals(IceAgent.ANSWERED, check(B, NEW_UFRAG, NEW_PASSWORD, true, sent.length), "and begins anew");
        assertEquals(B, agent.selectedTo());
    }

    @Test
    @Tag("REQ-E3")
    void restartTheClientNeverLearnsOfChangesNothing() {
        check(A, UFRAG, PASSWORD, true, 0);
        agent.onConnected(0);
        agent.restart(NEW_UFRAG, NEW_PASSWORD, 1);
        // The response of the PATCH was lost; the client lives on in the old session, and its address changes.
        long nowNs = 0;
        for (int i = 0; i < 100; i++) {
            nowNs += 2_500 * MS;
            assertEquals(IceAgent.ANSWERED, check(B, UFRAG, PASSWORD, true, nowNs));
            expectLastAnswer(B, PASSWORD);
            agent.handleTimeout(nowNs);
            assertEquals(B, agent.selectedTo());
            assertEquals(IceAgent.State.SELECTED, agent.state());
        }
        assertTrue(agent.isLocalUfrag(UFRAG));
        assertTrue(agent.isLocalUfrag(NEW_UFRAG));
    }

    private void expectLastAnswer(final TransportAddress to, final String password) {
        for (int length; (length = agent.pollTransmit(out, 0, 0)) > 0;) {
            assertTrue(answer.wrap(out, 0, length));
        }
        assertTrue(answer.hasTransactionId(in, 8));
        assertEquals(to, agent.transmitTo());
        assertTrue(new StunIntegrity(ascii(password)).verify(answer));
    }

    @Test
    @Tag("REQ-E3")
    void restartTwiceKeepsTheGenerationInUseAndTheNewest() {
        check(A, UFRAG, PASSWORD, true, 0);
        agent.restart(NEW_UFRAG, NEW_PASSWORD, 1);
        agent.restart("third", OTHER_PASSWORD, 2);
        assertFalse(agent.isLocalUfrag(NEW_UFRAG), "two generations at most");
        assertEquals(IceAgent.UNKNOWN_USER, check(B, NEW_UFRAG, NEW_PASSWORD, true, 3));
        assertEquals(A, agent.selectedTo());
        assertEquals(IceAgent.ANSWERED, check(A, UFRAG, PASSWORD, true, 4), "the one in use is kept");
        assertEquals(IceAgent.BAD_INTEGRITY, check(B, "third", NEW_PASSWORD, true, 5), "a stale password");
        assertEquals(A, agent.selectedTo());
        assertEquals(IceAgent.ANSWERED, check(B, "third", OTHER_PASSWORD, false, 6));
        assertEquals(B, agent.selectedTo());
        agent.restart("fourth", NEW_PASSWORD, 7);
        assertFalse(agent.isLocalUfrag(UFRAG), "the client has used the third");
        assertEquals(IceAgent.ANSWERED, check(B, "third", OTHER_PASSWORD, true, 8));
        assertEquals(IceAgent.ANSWERED, check(A, "fourth", NEW_PASSWORD, true, 9));
        assertEquals(A, agent.selectedTo());
        assertFalse(agent.isLocalUfrag("third"));
    }

    @Test
    @Tag("REQ-E3")
    void oldGenerationExpiresWhenTheNewOneIsUsedButNeverNominated() {
        check(A, UFRAG, PASSWORD, true, 0);
        agent.onConnected(0);
        agent.restart(NEW_UFRAG, NEW_PASSWORD, MS);
        final long usedNs = 60_000 * MS;
        check(A, UFRAG, PASSWORD, true, usedNs - 1);
        assertEquals(IceAgent.ANSWERED, check(B, NEW_UFRAG, NEW_PASSWORD, false, usedNs));
        final long untilNs = usedNs + IceAgent.OLD_GENERATION_MS * MS;
        assertEquals(IceAgent.ANSWERED, check(A, UFRAG, PASSWORD, true, untilNs - 1));
        assertEquals(IceAgent.UNKNOWN_USER, check(A, UFRAG, PASSWORD, true, untilNs));
        assertFalse(agent.isLocalUfrag(UFRAG));
        assertEquals(B, agent.selectedTo());
    }

    @Test
    void credentialsThatAreTooShortAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new IceAgent("abc", PASSWORD, 1, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new IceAgent(UFRAG, "short", 1, 1, 0));
        assertThrows(IllegalStateException.class, agent::transmitTo);
    }

    @Test
    void mutatedRequestsNeverThrowAndNeverValidate() {
        for (int seed = 1; seed <= 100_000; seed++) {
            final Random random = new Random(seed);
            begin(StunMessage.BINDING_REQUEST).username(ascii(UFRAG + ":peer")).priority(1).iceControlling(2)
                .useCandidate().integrity(new StunIntegrity(ascii(OTHER_PASSWORD))).fingerprint();
            int length = writer.length();
            for (int i = random.nextInt(4); i > 0; i--) {
                in.putByte(random.nextInt(length), (byte) random.nextInt(256));
            }
            if (random.nextInt(4) == 0) {
                length = random.nextInt(length + 8);
            }
            final int disposition = agent.handleStun(in, 0, length, 0, A, seed);
            assertTrue(disposition > IceAgent.ANSWERED && disposition <= IceAgent.UNEXPECTED, "seed " + seed);
            int answers = 0;
            while (agent.pollTransmit(out, 0, seed) > 0) {
                answers++;
            }
            assertTrue(answers <= 1, "seed " + seed);
        }
        assertEquals(IceAgent.State.WAITING, agent.state());
        assertEquals(0, agent.validatedPairs());
    }
}
