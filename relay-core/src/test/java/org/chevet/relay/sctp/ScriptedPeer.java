package org.chevet.relay.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.sctp.ChunkType;
import org.chevet.codec.sctp.DataChunk;
import org.chevet.codec.sctp.InitChunk;
import org.chevet.codec.sctp.SctpPacket;
import org.chevet.codec.sctp.SctpParameters;
import org.chevet.codec.sctp.SctpWriter;
import org.chevet.codec.sctp.StreamReset;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;

/** A peer that says what the test writes, opposite one real association. It reacts to nothing by itself. */
final class ScriptedPeer implements SctpListener {
    static final long MS = 1_000_000L;
    static final int PEER_TAG = 0x7E57;
    /** First TSN of the peer, and number of its first request. */
    static final int PEER_TSN = 5_000;

    /** A stream reset request the association sent. */
    record Request(int sequence, int lastTsn, List<Integer> streams) {
    }

    /** A response the association sent. */
    record Response(int sequence, int result) {
    }

    final LaneStats stats = new LaneStats();
    final SctpAssociation association;
    final List<Request> requests = new ArrayList<>();
    final List<Response> responses = new ArrayList<>();
    final List<Integer> chunkTypes = new ArrayList<>();
    final List<Integer> tags = new ArrayList<>();
    final List<Integer> sentNumbers = new ArrayList<>();
    final List<Integer> messages = new ArrayList<>();
    final List<Integer> incomingResets = new ArrayList<>();
    final List<Integer> outgoingResets = new ArrayList<>();
    final List<Integer> refusedResets = new ArrayList<>();
    final List<Integer> low = new ArrayList<>();
    final List<SctpListener.End> ends = new ArrayList<>();
    Consumer<Integer> onMessage = stream -> { };
    Consumer<Integer> onLow = stream -> { };
    long nowNs = MS;
    int ourTag;
    int ourTsn;
    private final SctpWriter writer = new SctpWriter();
    private final UnsafeBuffer in = new UnsafeBuffer(new byte[2_000]);
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[2_000]);
    private final UnsafeBuffer cookie = new UnsafeBuffer(new byte[] {1, 2, 3, 4});

    ScriptedPeer(final SctpConfig config) {
        association = new SctpAssociation(config, this, stats, new SplittableRandom(1));
    }

    /** An association that is up. */
    static ScriptedPeer connected(final SctpConfig config, final boolean interleaving) {
        final ScriptedPeer peer = new ScriptedPeer(config);
        peer.init();
        peer.answerInit(PEER_TAG, SctpAssociation.MAX_STREAMS, interleaving);
        peer.poll();
        peer.packet(writer -> writer.plain(ChunkType.COOKIE_ACK, 0));
        peer.poll();
        assertEquals(SctpState.ESTABLISHED, peer.association.state());
        peer.chunkTypes.clear();
        peer.tags.clear();
        return peer;
    }

    /** Makes the association send INIT and reads it. */
    void init() {
        association.connect(nowNs);
        final SctpPacket packet = new SctpPacket();
        final InitChunk init = new InitChunk();
        assertTrue(packet.wrap(out, 0, association.pollTransmit(out, 0, nowNs)) && packet.next() && init.wrap(packet));
        ourTag = init.tag();
        ourTsn = init.initialTsn();
    }

    void answerInit(final int tag, final int streams, final boolean interleaving) {
        packet(each -> each.init(ChunkType.INIT_ACK, tag, 1_000_000, streams, streams, PEER_TSN, interleaving, cookie,
            0, cookie.capacity()));
    }

    /** Gives the association one packet. */
    int packet(final Consumer<SctpWriter> chunks) {
        writer.begin(in, 0, 1_500, SctpConfig.DEFAULT_PORT, SctpConfig.DEFAULT_PORT, ourTag);
        chunks.accept(writer);
        return association.handlePacket(in, 0, writer.finish(), nowNs);
    }

    /** One message of one chunk of DATA. */
    int data(final int tsn, final int streamId, final int ssn) {
        return packet(each -> each.data(DataChunk.BEGIN | DataChunk.END, tsn, streamId, ssn, 51, cookie, 0, 4));
    }

    void sack(final int cumulative, final int... gaps) {
        final int[] starts = new int[gaps.length / 2];
        final int[] ends = new int[gaps.length / 2];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = gaps[2 * i];
            ends[i] = gaps[2 * i + 1];
        }
        packet(each -> each.sack(cumulative, 1_000_000, starts, ends, starts.length, new int[0], 0));
    }

    int request(final int sequence, final int lastTsn, final int... streams) {
        return packet(each -> each.resetRequest(sequence, 0, lastTsn, streams, streams.length));
    }

    void respond(final int sequence, final int result) {
        packet(each -> each.resetResponse(sequence, result));
    }

    /** Sends a small message; returns the outcome. */
    int send(final int streamId) {
        return association.send(streamId, 51, cookie, 0, 4, true, -1, -1, nowNs);
    }

    long dropped(final DropReason reason) {
        return stats.dropped(reason);
    }

    /** Lets time pass and reads what the association sends. */
    void pass(final long ms) {
        final long endNs = nowNs + ms * MS;
        while (association.nextDeadlineNs() <= endNs) {
            nowNs = Math.max(nowNs, association.nextDeadlineNs());
            association.handleTimeout(nowNs);
            poll();
        }
        nowNs = endNs;
        poll();
    }

    /** Reads what the association has to send. */
    void poll() {
        final SctpPacket packet = new SctpPacket();
        for (int length = association.pollTransmit(out, 0, nowNs); length > 0;
            length = association.pollTransmit(out, 0, nowNs)) {
            assertTrue(packet.wrap(out, 0, length) && packet.isChecksumRight());
            while (packet.next()) {
                chunkTypes.add(packet.chunkType());
                tags.add(packet.tag());
                read(packet);
            }
        }
    }

    private void read(final SctpPacket packet) {
        if (packet.chunkType() == ChunkType.DATA || packet.chunkType() == ChunkType.I_DATA) {
            final DataChunk data = new DataChunk();
            assertTrue(data.wrap(packet));
            sentNumbers.add(data.message());
        } else if (packet.chunkType() == ChunkType.RE_CONFIG) {
            final SctpParameters parameters = new SctpParameters();
            final StreamReset reset = new StreamReset();
            assertTrue(parameters.wrap(packet.buffer(), packet.valueOffset(), packet.valueLength()));
            while (parameters.next()) {
                assertTrue(reset.wrap(parameters));
                note(reset);
            }
        }
    }

    private void note(final StreamReset reset) {
        if (reset.type() == StreamReset.RESPONSE) {
            responses.add(new Response(reset.sequence(), reset.result()));
            return;
        }
        final List<Integer> streams = new ArrayList<>();
        for (int i = 0; i < reset.streams(); i++) {
            streams.add(reset.streamId(i));
        }
        requests.add(new Request(reset.sequence(), reset.lastTsn(), streams));
    }

    @Override
    public void onEstablished() {
    }

    @Override
    public void onRestart() {
    }

    @Override
    public void onMessage(final int streamId, final int ppid, final DirectBuffer buffer, final int offset,
        final int length, final boolean unordered) {
        messages.add(streamId);
        onMessage.accept(streamId);
    }

    @Override
    public void onIncomingReset(final int streamId) {
        incomingResets.add(streamId);
    }

    @Override
    public void onOutgoingReset(final int streamId) {
        outgoingResets.add(streamId);
    }

    @Override
    public void onOutgoingResetRefused(final int streamId) {
        refusedResets.add(streamId);
    }

    @Override
    public void onBufferedAmountLow(final int streamId) {
        low.add(streamId);
        onLow.accept(streamId);
    }

    @Override
    public void onClosed(final SctpListener.End end) {
        ends.add(end);
    }
}
