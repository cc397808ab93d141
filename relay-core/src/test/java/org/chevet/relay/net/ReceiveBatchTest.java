package org.chevet.relay.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.chevet.codec.wire.TransportAddress;
import org.junit.jupiter.api.Test;

/** What is read, from whom, how old it is, and how wide the calls become. */
class ReceiveBatchTest {
    private final FakeKernel kernel = new FakeKernel();
    private final ReceiveBatch batch = new ReceiveBatch(kernel, new SocketAddresses());

    @Test
    void nothingWaitingIsNoError() {
        assertEquals(0, batch.receive());
    }

    @Test
    void bytesAndSendersAreThoseOfEachDatagram() {
        kernel.waiting.add(new FakeKernel.Sent(1001, new byte[] {1, 2, 3}));
        kernel.waiting.add(new FakeKernel.Sent(1002, new byte[] {4}));
        assertEquals(2, batch.receive());
        assertEquals(3, batch.length(0));
        assertEquals(2, batch.buffer().getByte(batch.offset(0) + 1));
        assertEquals(1, batch.length(1));
        assertEquals(TransportAddress.ofIpv4(0x7F000001, 1001), batch.sender(0));
        final TransportAddress second = batch.sender(1);
        kernel.waiting.add(new FakeKernel.Sent(1002, new byte[] {5}));
        batch.receive();
        assertSame(second, batch.sender(0), "a known sender costs no object");
    }

    @Test
    void aDatagramLongerThanASlotSaysSo() {
        kernel.waiting.add(new FakeKernel.Sent(1001, new byte[MessageVector.SLOT_LENGTH + 1]));
        kernel.waiting.add(new FakeKernel.Sent(1001, new byte[MessageVector.SLOT_LENGTH]));
        assertEquals(2, batch.receive());
        assertEquals(-1, batch.length(0));
        assertEquals(MessageVector.SLOT_LENGTH, batch.length(1));
    }

    @Test
    void theWidthFollowsTheLoad() {
        assertEquals(ReceiveBatch.MIN_WIDTH, batch.width());
        fill(200);
        assertEquals(8, batch.receive());
        assertEquals(16, batch.receive());
        assertEquals(32, batch.receive());
        assertEquals(32, batch.receive());
        kernel.waiting.clear();
        fill(2);
        assertEquals(2, batch.receive());
        assertEquals(16, batch.width());
        fill(1);
        batch.receive();
        assertEquals(ReceiveBatch.MIN_WIDTH, batch.width());
    }

    @Test
    void theAgeIsTheTimeSinceTheKernelsStamp() {
        kernel.stampNs = kernel.nowNs - 70_000;
        fill(1);
        batch.receive();
        assertEquals(70_000, batch.ageNs(0));
    }

    @Test
    void withoutAStampOrWithAClockThatWasSetTheAgeIsUnknown() {
        fill(1);
        batch.receive();
        assertEquals(0, batch.ageNs(0));
        kernel.stampNs = kernel.nowNs + 1;
        fill(1);
        batch.receive();
        assertEquals(0, batch.ageNs(0));
        kernel.stampNs = kernel.nowNs - ReceiveBatch.MAX_AGE_NS - 1;
        fill(1);
        batch.receive();
        assertEquals(0, batch.ageNs(0));
    }

    private void fill(final int count) {
        for (int i = 0; i < count; i++) {
            kernel.waiting.add(new FakeKernel.Sent(1001, new byte[] {1}));
        }
    }
}
