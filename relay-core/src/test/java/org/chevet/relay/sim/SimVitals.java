package org.chevet.relay.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.AckMode;
import org.chevet.codec.vitals.sbe.BlockDecoder;
import org.chevet.codec.vitals.sbe.BlockEncoder;
import org.chevet.codec.vitals.sbe.ClinicalClass;
import org.chevet.codec.vitals.sbe.CreditEncoder;
import org.chevet.codec.vitals.sbe.HelloEncoder;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.MessageHeaderDecoder;
import org.chevet.codec.vitals.sbe.MessageHeaderEncoder;
import org.chevet.codec.vitals.sbe.OpenStreamEncoder;
import org.chevet.codec.vitals.sbe.SampleFormat;
import org.chevet.codec.vitals.sbe.StartFrom;
import org.chevet.codec.vitals.sbe.StreamAnnouncedDecoder;
import org.chevet.codec.vitals.sbe.StreamOpenedDecoder;
import org.chevet.codec.vitals.sbe.SubscribeEncoder;
import org.chevet.codec.vitals.sbe.WelcomeDecoder;
import org.chevet.codec.vitals.sbe.YesNo;

/** The vitals protocol over a data channel: one ECG out, or every stream in. */
final class SimVitals implements SimDataPeer.Use {
    static final String LABEL = "chevet.vitals.v1";
    private static final int SAMPLES = 10;

    /** A block as it came: its sequence, its bytes, how long it was on its way. */
    @SuppressWarnings("ArrayRecordComponent") // test data, never compared
    record Received(long sequence, byte[] payload, long latencyNs) {
    }

    final List<Received> blocks = new ArrayList<>();
    final List<Integer> templates = new ArrayList<>();
    private final SimDataPeer peer;
    private final long intervalNs;
    private final int blockBytes;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[128 * 1024]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final MessageHeaderDecoder inHeader = new MessageHeaderDecoder();
    private final UnsafeBuffer message = new UnsafeBuffer(0, 0);
    private long streamId = -1;
    private long nextNs = Long.MAX_VALUE;
    long sequence;
    long lastSequence = Long.MAX_VALUE;

    /** Publishes a block of so many bytes every {@code intervalNs}; 0 for a client that only receives. */
    SimVitals(final SimDataPeer peer, final long intervalNs, final int blockBytes) {
        this.peer = peer;
        this.intervalNs = intervalNs;
        this.blockBytes = blockBytes;
        peer.wants(LABEL).uses(this);
    }

    static byte[] payload(final long sequence, final int length) {
        final byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (sequence * 31 + i);
        }
        return bytes;
    }

    @Override
    public void onOpen(final String label, final long nowNs) {
        if (label.equals(LABEL)) {
            final HelloEncoder out = new HelloEncoder();
            out.wrapAndApplyHeader(buffer, 0, header).instance(peer.ufrag.hashCode()).maxVersion(0).client("sim 1");
            send(out.encodedLength());
        }
    }

    private boolean send(final int bodyLength) {
        final byte[] bytes = new byte[VitalsReader.HEADER_LENGTH + bodyLength];
        buffer.getBytes(0, bytes);
        return peer.send(LABEL, bytes);
    }

    @Override
    public void onTurn(final long nowNs) {
        while (nowNs >= nextNs && sequence < lastSequence) {
            final BlockEncoder out = new BlockEncoder();
            out.wrapAndApplyHeader(buffer, 0, header).sequence(sequence).firstSample(sequence * SAMPLES)
                .deviceTimeNs(nowNs).streamId(streamId).sampleCount(SAMPLES).flags().clear();
            // Made when it is due: what waits for its turn is late already.
            out.deviceTimeNs(nextNs).putPayload(payload(sequence, blockBytes), 0, blockBytes);
            if (!send(out.encodedLength())) {
                return;
            }
            sequence++;
            nextNs += intervalNs;
        }
    }

    @Override
    public void onMessage(final String label, final byte[] bytes, final long nowNs) {
        if (!label.equals(LABEL)) {
            return;
        }
        message.wrap(bytes);
        final int template = VitalsReader.check(message, 0, bytes.length);
        templates.add(template);
        switch (template) {
            case WelcomeDecoder.TEMPLATE_ID -> {
                if (intervalNs > 0) {
                    openStream();
                }
            }
            case StreamOpenedDecoder.TEMPLATE_ID -> {
                streamId = new StreamOpenedDecoder().wrapAndApplyHeader(message, 0, inHeader).streamId();
                nextNs = nowNs + intervalNs;
            }
            case StreamAnnouncedDecoder.TEMPLATE_ID -> {
                if (intervalNs == 0) {
                    subscribe(new StreamAnnouncedDecoder().wrapAndApplyHeader(message, 0, inHeader).streamId());
                }
            }
            case BlockDecoder.TEMPLATE_ID -> {
                final BlockDecoder in = new BlockDecoder().wrapAndApplyHeader(message, 0, inHeader);
                final byte[] payload = new byte[in.payloadLength()];
                final Received block = new Received(in.sequence(), payload, nowNs - in.deviceTimeNs());
                in.getPayload(payload, 0, payload.length);
                blocks.add(block);
                if (block.sequence % 50 == 0) {
                    final CreditEncoder out = new CreditEncoder();
                    out.wrapAndApplyHeader(buffer, 0, header).receivedBelow(block.sequence + 1)
                        .streamId(in.streamId()).credit(1000);
                    send(out.encodedLength());
                }
            }
            default -> {
            }
        }
    }

    private void openStream() {
        final OpenStreamEncoder out = new OpenStreamEncoder();
        out.wrapAndApplyHeader(buffer, 0, header).rateNumerator(500).rateDenominator(1).oldestSequence(0)
            .nextSequence(0).scale(0.001).zeroOffset(0).missingValue(-32768).handle(7).mdcCode(131330).bodySite(0)
            .keyId(1).staleAfterMs(0).kind(Kind.WAVEFORM).clinicalClass(ClinicalClass.LIVE_WAVEFORM)
            .sampleFormat(SampleFormat.I16LE).hasMissingValue(YesNo.YES).ackMode(AckMode.HELD).channelsCount(1).next()
            .mdc(131330).label("II").unit("mV");
        out.name("ecg").label("ECG").device("sim");
        send(out.encodedLength());
    }

    private void subscribe(final long stream) {
        final SubscribeEncoder out = new SubscribeEncoder();
        out.wrapAndApplyHeader(buffer, 0, header).value(0).streamId(stream).credit(1000).start(StartFrom.SEQUENCE)
            .required(YesNo.NO);
        send(out.encodedLength());
    }

    /** What is wrong with the blocks that came, or "". */
    String fault(final int expected) {
        for (int i = 0; i < blocks.size(); i++) {
            if (blocks.get(i).sequence != i) {
                return "block " + blocks.get(i).sequence + " came as number " + i;
            }
            if (!Arrays.equals(blocks.get(i).payload, payload(i, blocks.get(i).payload.length))) {
                return "block " + i + " has other bytes";
            }
        }
        return blocks.size() == expected ? "" : blocks.size() + " blocks came, not " + expected;
    }
}
