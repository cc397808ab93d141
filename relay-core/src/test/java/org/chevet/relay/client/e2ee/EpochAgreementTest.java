package org.chevet.relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.chevet.codec.sframe.SframeKey;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Agreement, sealing and opening between a few participants, with a relay that only carries. */
@Tag("REQ-O7")
class EpochAgreementTest {
    private static final byte[] ZERO = KeySchedule.epochZero(new byte[32], "");
    private static final byte[] WORDS = "words".getBytes(StandardCharsets.UTF_8);
    private final Random random = new Random(1);
    private long nowNs = 1;

    private final class Person {
        private final EpochKeys keys = new EpochKeys();
        private final EpochAgreement agreement;
        private final EpochAgreement.Member member;

        Person(final String name, final boolean mayRotate, final byte[] zero) throws GeneralSecurityException {
            keys.hold(0, zero, 0);
            final KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(EpochWrap.CURVE));
            agreement = new EpochAgreement(name, keys, generator.generateKeyPair(), random::nextBytes);
            agreement.welcomed(0, nowNs);
            final EpochAgreement.Announce announce =
                assertInstanceOf(EpochAgreement.Announce.class, agreement.poll());
            member = new EpochAgreement.Member(name, mayRotate, announce.key(), announce.mac());
        }

        boolean take(final int epoch, final Person from, final EpochAgreement.Wrapped wrapped) {
            return agreement.received(epoch, from.member.participant(), wrapped.nonce(), wrapped.sealed(),
                from.member.key(), nowNs);
        }
    }

    private void rosterOf(final Person... people) {
        final List<EpochAgreement.Member> members = new ArrayList<>();
        for (final Person person : people) {
            members.add(person.member);
        }
        for (final Person person : people) {
            person.agreement.roster(members, nowNs);
        }
    }

    @Test
    void afterAnEvictionAllButTheEvictedHoldTheNextEpochAndALateComerIsServed() throws GeneralSecurityException {
        final Person doctor = new Person("a-doctor", true, ZERO);
        final Person companion = new Person("b-companion", true, ZERO);
        final Person patient = new Person("c-patient", false, ZERO);
        final Person stranger = new Person("d-stranger", false, KeySchedule.epochZero(new byte[32], "other code"));
        rosterOf(doctor, companion, patient, stranger);
        doctor.agreement.evicted(nowNs);
        companion.agreement.evicted(nowNs);
        assertTrue(companion.agreement.nextDeadlineNs() >= nowNs + EpochAgreement.TURN_NS, "the second waits");
        assertTrue(doctor.agreement.nextDeadlineNs() <= nowNs + EpochAgreement.EVICTION_WAIT_NS);
        nowNs = doctor.agreement.nextDeadlineNs();
        doctor.agreement.handleTimeout(nowNs);
        final EpochAgreement.Rotate rotate =
            assertInstanceOf(EpochAgreement.Rotate.class, doctor.agreement.poll());
        assertEquals(1, rotate.epoch());
        assertEquals(List.of("a-doctor", "b-companion", "c-patient"),
            rotate.wrapped().stream().map(EpochAgreement.Wrapped::participant).toList());
        assertEquals(1, doctor.agreement.refused());
        assertEquals(0, doctor.keys.newest());
        doctor.agreement.accepted(1, nowNs);
        assertTrue(companion.take(1, doctor, rotate.wrapped().get(1)));
        assertEquals(Long.MAX_VALUE, companion.agreement.nextDeadlineNs(), "the first has answered the eviction");
        assertFalse(patient.take(1, doctor, rotate.wrapped().get(1)), "not for the patient");
        assertTrue(patient.take(1, doctor, rotate.wrapped().get(2)));
        assertArrayEquals(doctor.keys.held().getFirst().secret(), patient.keys.held().getFirst().secret());

        final Person late = new Person("e-late", false, ZERO);
        rosterOf(doctor, companion, patient, late);
        doctor.agreement.handleTimeout(nowNs);
        companion.agreement.handleTimeout(nowNs);
        final EpochAgreement.Serve serve = assertInstanceOf(EpochAgreement.Serve.class, doctor.agreement.poll());
        assertNull(companion.agreement.poll(), "the second waits for its turn");
        companion.agreement.servedByOther("e-late");
        assertEquals(Long.MAX_VALUE, companion.agreement.nextDeadlineNs());
        assertTrue(late.take(1, doctor, serve.wrapped()));
        assertEquals(KeySchedule.safetyCode(patient.keys.held().getFirst().secret()),
            KeySchedule.safetyCode(late.keys.held().getFirst().secret()));
    }

    @Test
    void whoAnnouncesWhileAnEpochIsUnderWayIsServedAfterwards() throws GeneralSecurityException {
        final Person doctor = new Person("a-doctor", true, ZERO);
        final Person patient = new Person("b-patient", false, ZERO);
        rosterOf(doctor);
        assertTrue(doctor.agreement.rotate());
        final EpochAgreement.Rotate rotate =
            assertInstanceOf(EpochAgreement.Rotate.class, doctor.agreement.poll());
        assertEquals(1, rotate.wrapped().size(), "nobody else was here");
        rosterOf(doctor, patient);
        assertEquals(Long.MAX_VALUE, doctor.agreement.nextDeadlineNs(), "the relay may still refuse the epoch");
        doctor.agreement.accepted(1, nowNs);
        assertEquals(nowNs, doctor.agreement.nextDeadlineNs());
        doctor.agreement.handleTimeout(nowNs);
        final EpochAgreement.Serve serve = assertInstanceOf(EpochAgreement.Serve.class, doctor.agreement.poll());
        assertTrue(patient.take(1, doctor, serve.wrapped()));
    }

    @Test
    void whenTheFirstIsSilentTheNextOneAnswersAnEviction() throws GeneralSecurityException {
        final Person doctor = new Person("a-doctor", true, ZERO);
        final Person companion = new Person("b-companion", true, ZERO);
        rosterOf(doctor, companion);
        companion.agreement.evicted(nowNs);
        nowNs = companion.agreement.nextDeadlineNs();
        assertTrue(nowNs <= 1 + EpochAgreement.TURN_NS + EpochAgreement.EVICTION_WAIT_NS);
        companion.agreement.handleTimeout(nowNs);
        assertInstanceOf(EpochAgreement.Rotate.class, companion.agreement.poll());
    }

    @Test
    void whoMayRotateAndIsServedByNobodyMakesTheNextEpoch() throws GeneralSecurityException {
        final Person doctor = new Person("a-doctor", true, ZERO);
        final Person patient = new Person("b-patient", false, ZERO);
        rosterOf(doctor, patient);
        doctor.agreement.welcomed(4, nowNs);
        patient.agreement.welcomed(4, nowNs);
        assertInstanceOf(EpochAgreement.Announce.class, doctor.agreement.poll());
        assertInstanceOf(EpochAgreement.Announce.class, patient.agreement.poll());
        assertNull(doctor.keys.current(), "nothing is sealed meanwhile");
        assertEquals(nowNs + EpochAgreement.UNSERVED_NS, doctor.agreement.nextDeadlineNs());
        nowNs = doctor.agreement.nextDeadlineNs();
        doctor.agreement.handleTimeout(nowNs);
        patient.agreement.handleTimeout(nowNs);
        assertNull(patient.agreement.poll(), "a patient makes none");
        final EpochAgreement.Rotate rotate =
            assertInstanceOf(EpochAgreement.Rotate.class, doctor.agreement.poll());
        assertEquals(5, rotate.epoch());
        assertEquals(List.of("a-doctor", "b-patient"),
            rotate.wrapped().stream().map(EpochAgreement.Wrapped::participant).toList());
        // The answer is lost with the connection; the relay sends back what the maker wrapped for itself.
        doctor.agreement.welcomed(5, nowNs);
        assertTrue(doctor.take(5, doctor, rotate.wrapped().getFirst()));
        assertEquals(Long.MAX_VALUE, doctor.agreement.nextDeadlineNs());
        assertTrue(doctor.agreement.rotate(), "and it may make others");
    }

    @Test
    void whoeverIsSlowerDropsTheProposal() throws GeneralSecurityException {
        final Person doctor = new Person("a", true, ZERO);
        rosterOf(doctor);
        assertTrue(doctor.agreement.rotate());
        assertFalse(doctor.agreement.rotate());
        doctor.agreement.conflict();
        doctor.agreement.accepted(1, nowNs);
        assertEquals(0, doctor.keys.newest());
    }

    @Test
    void namesAndKindsAreProvedAndNothingComesTwice() {
        final EpochKeys keys = new EpochKeys();
        keys.hold(0, ZERO, 0);
        final MessageSeal chat = new MessageSeal(keys, SealKind.CHAT, "börje", random::nextLong);
        final MessageSeal doctor = new MessageSeal(keys, SealKind.CHAT, "doctor", random::nextLong);
        final byte[] message = chat.seal(WORDS);
        assertNotNull(message);
        final MessageSeal.Opened opened = doctor.open(message, nowNs);
        assertNotNull(opened);
        assertEquals("börje", opened.participant());
        assertArrayEquals(WORDS, opened.bytes());
        assertNull(doctor.open(message, nowNs), "again");
        final MessageSeal drawings = new MessageSeal(keys, SealKind.ANNOTATION, "doctor", random::nextLong);
        assertNull(drawings.open(chat.seal(WORDS), nowNs), "another kind");
        final byte[] renamed = chat.seal(WORDS);
        renamed[1] = 'x';
        assertNull(doctor.open(renamed, nowNs), "another name");
        for (int length = 0; length < message.length; length++) {
            assertNull(doctor.open(Arrays.copyOf(message, length), nowNs));
        }
    }

    @Test
    void anOldEpochEndsAfterTheGraceButNotForVitals() {
        final EpochKeys keys = new EpochKeys();
        keys.hold(0, ZERO, 0);
        final Sealer video = new Sealer(keys, SealKind.VIDEO, "a", random::nextLong);
        final Sealer vitals = new Sealer(keys, SealKind.VITALS, "a", random::nextLong);
        final byte[] frame = new byte[100];
        final int length = video.seal(frame, 0, frame, 0, 10, frame, 10);
        final byte[] second = new byte[100];
        video.seal(second, 0, second, 0, 10, second, 10);
        final byte[] block = new byte[100];
        final int blockLength = vitals.sealAt(9, block, 0, block, 0, 10, block, 10);
        keys.hold(1, new byte[64], nowNs);
        final Opener opener = new Opener(keys);
        final byte[] out = new byte[100];
        final long late = nowNs + Opener.GRACE_NS + 1;
        assertEquals(10, opener.open(SealKind.VIDEO, "a", Opener.ANY_COUNTER, frame, 0, frame, 10, length, out, 0,
            nowNs + Opener.GRACE_NS));
        assertEquals(Opener.OLD_EPOCH,
            opener.open(SealKind.VIDEO, "a", Opener.ANY_COUNTER, second, 0, second, 10, length, out, 0, late));
        assertEquals(Opener.OTHER_COUNTER,
            opener.open(SealKind.VITALS, "a", 8, block, 0, block, 10, blockLength, out, 0, late));
        assertEquals(10, opener.open(SealKind.VITALS, "a", 9, block, 0, block, 10, blockLength, out, 0, late));
        assertEquals(SframeKey.NOT_AUTHENTIC,
            opener.open(SealKind.VITALS, "b", 9, block, 0, block, 10, blockLength, out, 0, late));
        assertEquals(2, opener.keysKept(), "video and vitals of a, none of b");
    }

    @Test
    void aCounterIsNeverTakenTwiceByASealer() {
        final EpochKeys keys = new EpochKeys();
        keys.hold(0, ZERO, 0);
        final Sealer sealer = new Sealer(keys, SealKind.VITALS, "a", random::nextLong);
        final byte[] out = new byte[100];
        assertTrue(sealer.sealAt(5, out, 0, out, 0, 4, out, 10) > 0);
        assertEquals(Sealer.EXHAUSTED, sealer.sealAt(5, out, 0, out, 0, 4, out, 10));
        assertEquals(Sealer.EXHAUSTED, sealer.sealAt(Sealer.MAX_COUNTER, out, 0, out, 0, 4, out, 10));
        assertEquals(2, sealer.refused());
        keys.needs(1);
        assertEquals(Sealer.NO_EPOCH, sealer.seal(out, 0, out, 0, 4, out, 10));
    }

    @Test
    void theWindowKnowsWhatItHasTaken() {
        final ReplayWindow window = new ReplayWindow();
        final Set<Long> taken = new HashSet<>();
        long highest = -1;
        for (int round = 0; round < 50_000; round++) {
            final long counter = Math.max(0, highest + random.nextInt(1_300) - (random.nextBoolean() ? 1_290 : 1_100));
            final boolean expected = counter <= highest - ReplayWindow.SIZE || taken.contains(counter);
            assertEquals(expected, window.isTaken(counter), "counter " + counter + " after " + highest);
            window.take(counter);
            taken.add(counter);
            highest = Math.max(highest, counter);
        }
    }
}
