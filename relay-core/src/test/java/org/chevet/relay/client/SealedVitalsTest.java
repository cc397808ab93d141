package org.chevet.relay.client;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.BlockDecoder;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.MessageHeaderDecoder;
import org.chevet.codec.vitals.sbe.SampleFormat;
import org.chevet.codec.vitals.sbe.StreamAnnouncedDecoder;
import org.chevet.relay.client.e2ee.EpochKeys;
import org.chevet.relay.client.e2ee.KeySchedule;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.vitals.VitalsHub;
import org.chevet.relay.vitals.VitalsLimits;
import org.chevet.relay.vitals.VitalsRights;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An encrypted stream through the relay's hub: the samples arrive, and what a relay changes or makes up does not. */
@Tag("REQ-O7")
class SealedVitalsTest {
    private static final VitalsRights ALL = new VitalsRights(EnumSet.range(Kind.WAVEFORM, Kind.EVENT),
        EnumSet.range(Kind.WAVEFORM, Kind.EVENT));
    private static final byte[] CANARY = "CANARYcanaryCANARYcanary".getBytes(US_ASCII);
    private static final StreamSpec ECG = StreamSpec.of("ecg", Kind.WAVEFORM, 500, 1,
        List.of(new StreamSpec.Channel(131_330, "II", "mV")));
    private static final int PAYLOAD_AT = VitalsReader.HEADER_LENGTH + BlockDecoder.BLOCK_LENGTH;

    private final EpochKeys keys = new EpochKeys();
    private final VitalsHub hub = new VitalsHub(VitalsLimits.defaults(), new LaneStats(), 1, 0);
    private final ByteArrayOutputStream relaySaw = new ByteArrayOutputStream();
    private final ByteArrayOutputStream samples = new ByteArrayOutputStream();
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1 << 18]);
    private long nowNs = 1;
    private int blocks;
    private int missing;
    private int undecryptable;
    private @Nullable SubscribedStream stream;

    private final VitalsListener listener = new VitalsListener() {
        @Override
        public Start onStream(final SubscribedStream found) {
            stream = found;
            return Start.beginning();
        }

        @Override
        public void onBlock(final SubscribedStream from, final VitalsBlock block) {
            blocks++;
            missing += block.isMissing() ? 1 : 0;
            final byte[] bytes = new byte[block.payload().remaining()];
            block.payload().get(bytes);
            samples.writeBytes(bytes);
        }

        @Override
        public void onUndecryptable(final SubscribedStream from, final long sequence, final long firstSample,
            final int sampleCount) {
            undecryptable++;
        }
    };

    SealedVitalsTest() {
        keys.hold(0, KeySchedule.epochZero(new byte[32], ""), 0);
    }

    private PublisherMachine publisher(final String participant) {
        return new PublisherMachine(7, "test", VitalsEvents.NONE, () -> nowNs, 60_000_000_000L, 1 << 20,
            EndToEnd.required(keys, participant));
    }

    private SubscriberMachine subscriber() {
        return new SubscriberMachine(8, "test", listener, EndToEnd.required(keys, "doctor"));
    }

    /** Until nobody has anything to say; whatever goes to the subscriber may be changed on the way. */
    private void pump(final VitalsMachine publisher, final VitalsMachine subscriber,
        final Consumer<UnsafeBuffer> relay) {
        hub.open(1, "site", ALL, nowNs);
        hub.open(2, "doctor", ALL, nowNs);
        publisher.connected(nowNs);
        subscriber.connected(nowNs);
        for (int round = 0; round < 50; round++) {
            nowNs += 1_000_000;
            up(publisher, 1);
            up(subscriber, 2);
            down(publisher, 1, message -> { });
            down(subscriber, 2, relay);
        }
    }

    private void up(final VitalsMachine machine, final int connection) {
        int length = machine.pollTransmit(buffer, 0, nowNs);
        while (length > 0) {
            relaySaw.write(buffer.byteArray(), 0, length);
            hub.handleMessage(connection, buffer, 0, length, nowNs);
            length = machine.pollTransmit(buffer, 0, nowNs);
        }
    }

    private void down(final VitalsMachine machine, final int connection, final Consumer<UnsafeBuffer> relay) {
        int length = hub.pollTransmit(connection, buffer, 0, nowNs);
        while (length > 0) {
            final UnsafeBuffer message = new UnsafeBuffer(new byte[length]);
            message.putBytes(0, buffer, 0, length);
            relay.accept(message);
            relaySaw.writeBytes(message.byteArray());
            machine.handle(message, 0, length, nowNs);
            length = hub.pollTransmit(connection, buffer, 0, nowNs);
        }
    }

    private static boolean isBlock(final UnsafeBuffer message) {
        return VitalsReader.check(message, 0, message.capacity()) == BlockDecoder.TEMPLATE_ID;
    }

    private boolean relaySawCanary() {
        return new String(relaySaw.toByteArray(), ISO_8859_1)
            .contains(new String(CANARY, ISO_8859_1));
    }

    private void offer(final Publication publication, final long first) {
        assertTrue(publication.offer(first, CANARY.length / 2, first * 2_000_000, 0, ByteBuffer.wrap(CANARY)));
    }

    @Test
    void samplesArriveAndTheRelayHasSeenNone() {
        final PublisherMachine machine = publisher("site");
        final Publication publication = machine.open(ECG.encrypted());
        offer(publication, 0);
        publication.offerMissing(12, 100, Long.MIN_VALUE);
        offer(publication, 200);
        pump(machine, subscriber(), message -> { });
        final byte[] expected = new byte[2 * CANARY.length];
        System.arraycopy(CANARY, 0, expected, 0, CANARY.length);
        System.arraycopy(CANARY, 0, expected, CANARY.length, CANARY.length);
        assertArrayEquals(expected, samples.toByteArray());
        assertEquals(3, blocks);
        assertEquals(1, missing);
        assertEquals(0, undecryptable);
        assertFalse(relaySawCanary());
    }

    @Test
    void withoutEncryptionTheRelaySeesThem() {
        final PublisherMachine machine = publisher("site");
        offer(machine.open(ECG), 0);
        pump(machine, new SubscriberMachine(8, "test", listener), message -> { });
        assertTrue(relaySawCanary(), "the search can find something");
        assertArrayEquals(CANARY, samples.toByteArray());
    }

    @Test
    void aClearStreamIsNotTakenWhereEncryptionIsRequired() {
        final PublisherMachine machine = publisher("site");
        offer(machine.open(ECG), 0);
        pump(machine, subscriber(), message -> { });
        assertEquals(0, blocks);
        assertEquals(1, undecryptable);
    }

    @Test
    void anEncryptedStreamIsNotGivenAsSamplesWithoutKeys() {
        final PublisherMachine machine = publisher("site");
        offer(machine.open(ECG.encrypted()), 0);
        pump(machine, new SubscriberMachine(8, "test", listener), message -> { });
        assertEquals(0, blocks);
        assertEquals(1, undecryptable);
    }

    private void changed(final Consumer<UnsafeBuffer> relay) {
        final PublisherMachine machine = publisher("site");
        offer(machine.open(ECG.encrypted()), 0);
        pump(machine, subscriber(), relay);
        assertEquals(0, blocks);
        assertEquals(1, undecryptable);
        assertEquals(1, stream == null ? 0 : stream.undecryptable());
        assertEquals(0, samples.size());
    }

    private void changedBlock(final int at) {
        changed(message -> {
            if (isBlock(message)) {
                message.putByte(at, (byte) (message.getByte(at) ^ 0x40));
            }
        });
    }

    @Test
    void aChangedFirstSampleIsNoticed() {
        changedBlock(VitalsReader.HEADER_LENGTH + BlockDecoder.firstSampleEncodingOffset());
    }

    @Test
    void aChangedDeviceTimeIsNoticed() {
        changedBlock(VitalsReader.HEADER_LENGTH + BlockDecoder.deviceTimeNsEncodingOffset());
    }

    @Test
    void aChangedSampleCountIsNoticed() {
        changedBlock(VitalsReader.HEADER_LENGTH + BlockDecoder.sampleCountEncodingOffset());
    }

    @Test
    void changedFlagsAreNoticed() {
        changedBlock(VitalsReader.HEADER_LENGTH + BlockDecoder.flagsEncodingOffset());
    }

    @Test
    void aBlockThatIsCalledMissingIsNoticed() {
        changed(message -> {
            if (isBlock(message)) {
                message.putInt(VitalsReader.HEADER_LENGTH + BlockDecoder.flagsEncodingOffset(), VitalsBlock.MISSING,
                    LITTLE_ENDIAN);
            }
        });
    }

    @Test
    void aChangedPayloadIsNoticed() {
        changedBlock(PAYLOAD_AT + 20);
    }

    @Test
    void aChangedScaleInTheDefinitionIsNoticed() {
        changed(message -> {
            if (new MessageHeaderDecoder().wrap(message, 0).templateId() == StreamAnnouncedDecoder.TEMPLATE_ID) {
                message.putDouble(VitalsReader.HEADER_LENGTH + StreamAnnouncedDecoder.scaleEncodingOffset(), 2,
                    LITTLE_ENDIAN);
            }
        });
    }

    @Test
    void aStreamThatIsCalledClearIsNotTaken() {
        changed(message -> {
            if (new MessageHeaderDecoder().wrap(message, 0).templateId() == StreamAnnouncedDecoder.TEMPLATE_ID) {
                message.putInt(VitalsReader.HEADER_LENGTH + StreamAnnouncedDecoder.keyIdEncodingOffset(), 0,
                    LITTLE_ENDIAN);
            }
        });
    }

    @Test
    void aBlockUnderAnotherSequenceIsNoticed() {
        final PublisherMachine machine = publisher("site");
        final Publication publication = machine.open(ECG.encrypted());
        offer(publication, 0);
        offer(publication, 12);
        final UnsafeBuffer firstBlock = new UnsafeBuffer(new byte[0]);
        pump(machine, subscriber(), message -> {
            if (isBlock(message)) {
                if (firstBlock.capacity() == 0) {
                    firstBlock.wrap(message.byteArray().clone());
                } else {
                    // The second one is the first again, under the second's number.
                    message.putBytes(0, firstBlock, 0, message.capacity());
                    message.putLong(VitalsReader.HEADER_LENGTH + BlockDecoder.sequenceEncodingOffset(), 1,
                        LITTLE_ENDIAN);
                }
            }
        });
        assertEquals(1, blocks);
        assertEquals(1, undecryptable);
    }

    @Test
    void anotherParticipantsNameInTheTokenFailsTheStream() {
        final PublisherMachine machine = publisher("somebody");
        final Publication publication = machine.open(ECG.encrypted());
        pump(machine, subscriber(), message -> { });
        assertTrue(publication.failure().contains("somebody"));
    }

    @Test
    void anEpochThatHasNotArrivedHoldsBlocksBackAndTheNextOneIsUsed() {
        final PublisherMachine machine = publisher("site");
        final Publication publication = machine.open(ECG.encrypted());
        offer(publication, 0);
        keys.needs(1);
        assertFalse(publication.offer(12, 12, 0, 0, ByteBuffer.wrap(CANARY)));
        keys.hold(1, new byte[64], nowNs);
        offer(publication, 12);
        pump(machine, subscriber(), message -> { });
        assertEquals(2, blocks);
        assertEquals(0, undecryptable);
    }

    @Test
    void floatsAndTextsAreSealedToo() {
        final PublisherMachine machine = publisher("site");
        final Publication floats =
            machine.open(ECG.withFormat(SampleFormat.F32LE, 1, 0).withName("floats").encrypted());
        assertTrue(floats.offer(0, CANARY.length / 4, 0, 0, ByteBuffer.wrap(CANARY)));
        pump(machine, subscriber(), message -> { });
        assertArrayEquals(CANARY, samples.toByteArray());
        assertFalse(relaySawCanary());
    }

    @Test
    void anEncryptedStreamWithoutKeysIsNotOpened() {
        final PublisherMachine machine =
            new PublisherMachine(7, "test", VitalsEvents.NONE, () -> nowNs, 60_000_000_000L, 1 << 20);
        assertThrows(IllegalArgumentException.class, () -> machine.open(ECG.encrypted()));
    }
}
