package org.chevet.relay.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.junit.jupiter.api.Test;

/** What leaves, in which order, by how many calls, and what a refusing kernel costs. */
class SendBatchTest {
    private static final TransportAddress A = TransportAddress.ofIpv4(0x7F000001, 1001);
    private static final TransportAddress B = TransportAddress.ofIpv4(0x7F000001, 1002);

    private final FakeKernel kernel = new FakeKernel();
    private final LaneStats stats = new LaneStats();
    private final SendBatch batch = new SendBatch(kernel, false, true, stats);
    private final List<String> expected = new ArrayList<>();

    @Test
    void equalDatagramsToOneReceiverAreOneMessage() {
        add(A, 1200, 1200, 1200, 700);
        add(B, 1200, 1200);
        add(A, 100);
        batch.flush(false);
        assertEquals(List.of(List.of(4, 2, 1)), kernel.calls);
        assertSentInOrder();
        assertEquals(2, stats.counted(Counter.SEGMENTED_SENDS));
        assertEquals(7, stats.counted(Counter.DATAGRAMS_SENT));
        assertEquals(3 * 1200 + 700 + 2 * 1200 + 100, stats.counted(Counter.BYTES_SENT));
        assertEquals(1, stats.counted(Counter.SEND_CALLS));
    }

    @Test
    void aLongerDatagramStartsAMessageOfItsOwn() {
        add(A, 700, 1200, 1200, 700, 700);
        batch.flush(false);
        assertEquals(List.of(List.of(1, 3, 1)), kernel.calls);
        assertSentInOrder();
    }

    @Test
    void aMessageHoldsAtMostSixtyFourDatagramsAndSixtyFiveThousandBytes() {
        for (int i = 0; i < 100; i++) {
            add(A, 100);
        }
        batch.flush(false);
        assertEquals(List.of(List.of(64, 36)), kernel.calls);
        for (int i = 0; i < 60; i++) {
            add(B, 1500);
        }
        batch.flush(false);
        assertEquals(List.of(43, 17), kernel.calls.get(1));
        assertSentInOrder();
    }

    @Test
    void withoutSegmentingEachDatagramIsAMessage() {
        final SendBatch plain = new SendBatch(kernel, false, false, stats);
        addTo(plain, A, 1200, 1200);
        plain.flush(false);
        assertEquals(List.of(List.of(1, 1)), kernel.calls);
    }

    @Test
    void aFullSlabLeavesAtOnce() {
        for (int i = 0; i < SendBatch.CAPACITY; i++) {
            add(i % 2 == 0 ? A : B, 200);
        }
        assertEquals(SendBatch.CAPACITY, kernel.sent.size());
        assertSentInOrder();
    }

    @Test
    void whatTheKernelDoesNotTakeWaitsInOrderUntilItIsWritable() {
        kernel.script.addAll(List.of(2, -Posix.EAGAIN));
        for (int i = 0; i < 5; i++) {
            add(i % 2 == 0 ? A : B, 300 + i);
        }
        batch.flush(false);
        assertTrue(batch.isBlocked());
        assertEquals(2, kernel.sent.size());
        add(A, 500);
        batch.flush(false);
        assertEquals(2, kernel.calls.size(), "nothing is tried before the socket is writable");
        batch.flush(true);
        assertFalse(batch.isBlocked());
        assertSentInOrder();
        assertEquals(1, stats.counted(Counter.SENDS_BLOCKED));
    }

    @Test
    void whileBlockedTheSlabIsTheBoundAndTheRestIsCounted() {
        kernel.script.add(-Posix.EAGAIN);
        add(A, 300);
        batch.flush(false);
        for (int i = 1; i < SendBatch.CAPACITY; i++) {
            add(A, 300);
        }
        addUnsent(A, 300);
        addUnsent(A, 300);
        assertEquals(2, stats.dropped(DropReason.SEND_BUFFER_FULL));
        batch.flush(true);
        assertSentInOrder();
        assertEquals(SendBatch.CAPACITY, kernel.sent.size());
    }

    @Test
    void anInterruptedCallIsRepeated() {
        kernel.script.add(-Posix.EINTR);
        add(A, 300);
        batch.flush(false);
        assertSentInOrder();
    }

    @Test
    void anUnreachableReceiverCostsOnlyItsOwnDatagrams() {
        kernel.script.addAll(List.of(1, -Posix.EHOSTUNREACH));
        add(A, 300);
        addUnsent(B, 400, 400);
        add(A, 500);
        batch.flush(false);
        assertSentInOrder();
        assertEquals(2, stats.dropped(DropReason.SEND_UNREACHABLE));
        assertTrue(batch.isSegmenting(), "not a refusal of segments");
    }

    @Test
    void aDatagramTooLargeForThePathIsCountedAndTheOthersOfItsMessageLeave() {
        kernel.maxLength = 1000;
        add(A, 900, 900);
        addUnsent(B, 1100);
        add(B, 800);
        batch.flush(false);
        assertSentInOrder();
        assertEquals(1, stats.dropped(DropReason.SEND_TOO_LARGE));
        assertTrue(batch.isSegmenting());
    }

    @Test
    void aDeviceThatCannotSegmentTurnsItOffWithoutLoss() {
        kernel.segmentErrno = Posix.EIO;
        add(A, 1200, 1200, 1200);
        add(B, 1200, 1200);
        batch.flush(false);
        assertSentInOrder();
        assertFalse(batch.isSegmenting());
        assertEquals(1, stats.counted(Counter.SEGMENTING_REFUSED));
        assertEquals(0, stats.dropped(DropReason.SEND_FAILED));
    }

    @Test
    void refusalsInARowTurnSegmentingOffWithoutLoss() {
        kernel.segmentErrno = Posix.EINVAL;
        for (int i = 0; i < SendBatch.MAX_REFUSALS + 2; i++) {
            add(A, 1200, 1200);
            batch.flush(false);
        }
        assertSentInOrder();
        assertFalse(batch.isSegmenting());
        assertEquals(SendBatch.MAX_REFUSALS, stats.counted(Counter.SEGMENTING_REFUSED));
    }

    @Test
    void anAddressOfTheOtherFamilyIsCountedAndSkipped() {
        add(A, 300);
        addUnsent(TransportAddress.ofBytes(new byte[16], 9), 300);
        add(B, 300);
        batch.flush(false);
        assertSentInOrder();
        assertEquals(1, stats.dropped(DropReason.SEND_FAILED));
    }

    @Test
    void anySequenceOfRefusalsLosesNothingUncountedAndKeepsTheOrder() {
        final SplittableRandom random = new SplittableRandom(7);
        final int[] answers = {1, 2, 3, -Posix.EAGAIN, -Posix.EINTR, -Posix.EHOSTUNREACH, -Posix.EINVAL, -Posix.EPERM};
        for (int round = 0; round < 3000; round++) {
            final FakeKernel fake = new FakeKernel();
            final LaneStats counted = new LaneStats();
            final SendBatch sender = new SendBatch(fake, false, true, counted);
            for (int i = random.nextInt(12); i > 0; i--) {
                fake.script.add(answers[random.nextInt(answers.length)]);
            }
            final int datagrams = 1 + random.nextInt(200);
            for (int i = 0; i < datagrams; i++) {
                sender.buffer().putInt(sender.offset(), i);
                sender.add(random.nextBoolean() ? A : B, 100 + 100 * random.nextInt(2));
                if (random.nextInt(20) == 0) {
                    sender.flush(random.nextBoolean());
                }
            }
            while (!fake.script.isEmpty() || sender.isBlocked()) {
                fake.script.removeIf(answer -> answer == -Posix.EAGAIN);
                sender.flush(true);
                fake.script.poll();
            }
            sender.flush(true);
            int last = -1;
            for (final FakeKernel.Sent sent : fake.sent) {
                final int number = new UnsafeBuffer(sent.bytes()).getInt(0);
                assertTrue(number > last, "round " + round);
                last = number;
            }
            long dropped = 0;
            for (final DropReason reason : DropReason.values()) {
                dropped += counted.dropped(reason);
            }
            assertEquals(datagrams, fake.sent.size() + dropped, "round " + round);
            assertEquals(fake.sent.size(), counted.counted(Counter.DATAGRAMS_SENT), "round " + round);
        }
    }

    private void add(final TransportAddress to, final int... lengths) {
        for (final int length : lengths) {
            expected.add(to.port() + ":" + length);
        }
        addTo(batch, to, lengths);
    }

    private void addUnsent(final TransportAddress to, final int... lengths) {
        addTo(batch, to, lengths);
    }

    private void addTo(final SendBatch to, final TransportAddress receiver, final int... lengths) {
        for (final int length : lengths) {
            to.buffer().setMemory(to.offset(), length, (byte) 0x55);
            to.buffer().putInt(to.offset(), length);
            to.add(receiver, length);
        }
    }

    private void assertSentInOrder() {
        final List<String> actual = new ArrayList<>();
        for (final FakeKernel.Sent sent : kernel.sent) {
            final int length = new UnsafeBuffer(sent.bytes()).getInt(0);
            assertEquals(length, sent.bytes().length);
            actual.add(sent.port() + ":" + length);
        }
        assertEquals(expected, actual);
    }
}
