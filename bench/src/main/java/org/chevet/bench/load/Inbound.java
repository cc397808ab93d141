package org.chevet.bench.load;

import java.nio.ByteOrder;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.bench.mark.Mark;
import org.chevet.bench.mark.Tally;
import org.chevet.bench.mark.TrafficClass;
import org.chevet.bench.socket.Wire;
import org.chevet.codec.demux.Demux;
import org.chevet.codec.rtcp.FullIntraRequest;
import org.chevet.codec.rtcp.Nack;
import org.chevet.codec.rtcp.PictureLoss;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.relay.srtp.SrtpReceiver;
import org.chevet.relay.stream.SealedPackets;
import org.jspecify.annotations.Nullable;

/** What arrives: demultiplexed, opened, looked up by its mark, counted. Loop thread only; no allocation. */
final class Inbound {
    private static final int SSRC_AT = 8;
    private static final int SEQUENCE_AT = 2;
    private static final int LEAST_RTP = 12;

    private final Wire wire;
    private final Associations associations;
    private final Tally audio;
    private final Tally video;
    private final LoopCounts counts;
    private final boolean openAll;
    private final RtpHeader header = new RtpHeader();
    private final RtcpCompound compound = new RtcpCompound();
    private final PictureLoss pictureLoss = new PictureLoss();
    private final FullIntraRequest fullIntra = new FullIntraRequest();
    private final Nack nack = new Nack();

    Inbound(final Wire wire, final Associations associations,
        final Map<TrafficClass, Tally> tallies, final LoopCounts counts, final boolean openAll) {
        this.wire = wire;
        this.associations = associations;
        audio = tallies.getOrDefault(TrafficClass.AUDIO, new Tally());
        video = tallies.getOrDefault(TrafficClass.VIDEO, new Tally());
        this.counts = counts;
        this.openAll = openAll;
    }

    /** Handles what the wire received last for a connection. */
    void handle(final Connection connection, final int count) {
        final UnsafeBuffer in = wire.received();
        for (int i = 0; i < count; i++) {
            final int offset = wire.receivedOffset(i);
            final int length = wire.receivedLength(i);
            if (length < 2) {
                continue;
            }
            switch (Demux.classify(in.getByte(offset))) {
                case Demux.STUN -> {
                    if (connection.ice == null) {
                        associations.hello(connection);
                    } else {
                        associations.stun(connection, in, offset, length, System.nanoTime());
                    }
                }
                case Demux.DTLS -> associations.dtls(connection, in, offset, length);
                case Demux.RTP -> {
                    if (Demux.isRtcp(in.getByte(offset + 1))) {
                        rtcp(connection, in, offset, length);
                    } else if (length >= LEAST_RTP) {
                        counts.received++;
                        rtp(connection, in, offset, length, i);
                    }
                }
                default -> associations.hello(connection);
            }
        }
    }

    private void rtp(final Connection connection, final UnsafeBuffer in, final int offset, final int length,
        final int index) {
        if (!openAll) {
            final Subscription known = bySsrc(connection, in.getInt(offset + SSRC_AT, ByteOrder.BIG_ENDIAN));
            if (known != null && !known.isSampled()) {
                known.ledger().accept(known.ledger().ofRtp(
                    in.getShort(offset + SEQUENCE_AT, ByteOrder.BIG_ENDIAN) & 0xFFFF));
                return;
            }
        }
        int plain = length;
        final @Nullable SrtpReceiver open = connection.open;
        if (open != null) {
            plain = open.unprotectRtp(in, offset, length, in, offset);
            counts.opened++;
        }
        if (plain < 0 || !header.wrapPlain(in, offset, plain)) {
            counts.refused++;
            return;
        }
        if (connection.reception != null) {
            connection.reception.arrived(header, System.nanoTime());
        }
        final int mark = header.payloadOffset() + Mark.AT;
        if (!Mark.isAt(in, mark, header.payloadOffset() + header.payloadLength() - mark)) {
            counts.unmarked++;
            return;
        }
        marked(connection, in, mark, wire.receivedNs(index));
    }

    private void marked(final Connection connection, final UnsafeBuffer in, final int mark, final long receivedNs) {
        final int stream = Mark.stream(in, mark);
        final Subscription subscription = byStream(connection, stream);
        if (subscription == null) {
            counts.unmarked++;
            return;
        }
        final long sequence = Mark.sequence(in, mark);
        final Source source = subscription.source();
        if (!subscription.isKnown()) {
            final long nowNs = System.nanoTime();
            if (connection.firstMediaNs == 0) {
                connection.firstMediaNs = nowNs;
            }
            if (source.connection().firstMediaNs == 0) {
                source.connection().firstMediaNs = nowNs;
            }
        }
        subscription.opened(header.ssrc(), header.sequence(), sequence);
        if (subscription.ledger().accept(sequence)) {
            (source.kind() == TrafficClass.AUDIO ? audio : video).time(receivedNs - Mark.sentNs(in, mark));
        }
    }

    private static @Nullable Subscription byStream(final Connection connection, final int stream) {
        for (int i = 0; i < connection.subscriptions.size(); i++) {
            if (connection.subscriptions.get(i).source().id() == stream) {
                return connection.subscriptions.get(i);
            }
        }
        return null;
    }

    private static @Nullable Subscription bySsrc(final Connection connection, final int ssrc) {
        for (int i = 0; i < connection.subscriptions.size(); i++) {
            final Subscription subscription = connection.subscriptions.get(i);
            if (subscription.isKnown() && subscription.ssrc() == ssrc) {
                return subscription;
            }
        }
        return null;
    }

    private void rtcp(final Connection connection, final UnsafeBuffer in, final int offset, final int length) {
        final @Nullable SrtpReceiver open = connection.open;
        if (open == null) {
            return;
        }
        final int plain = open.unprotectRtcp(in, offset, length, in, offset);
        if (plain < 0 || !compound.wrap(in, offset, plain)) {
            counts.refused++;
            return;
        }
        while (compound.next()) {
            counts.feedback++;
            if (pictureLoss.wrap(compound)) {
                keyFrame(connection, pictureLoss.mediaSsrc());
            } else if (fullIntra.wrap(compound)) {
                for (int i = 0; i < fullIntra.count(); i++) {
                    keyFrame(connection, fullIntra.ssrc(i));
                }
            } else if (nack.wrap(compound)) {
                counts.nacks++;
                again(connection);
            }
        }
    }

    /** Sends what the last request asks for, as far as it is kept. */
    private void again(final Connection connection) {
        for (int i = 0; i < connection.sources.size(); i++) {
            final @Nullable SealedPackets sealed = connection.sources.get(i).sealed;
            if (sealed != null && connection.sources.get(i).ssrc() == nack.mediaSsrc()) {
                for (int lost = nack.next(); lost >= 0; lost = nack.next()) {
                    sealed.ask(lost);
                }
                for (int at; wire.free() > 0 && (at = sealed.pollAsked()) != SealedPackets.NONE;) {
                    wire.sending().putBytes(wire.nextOffset(), sealed.buffer(), sealed.offset(at), sealed.length(at));
                    wire.commit(sealed.length(at));
                    counts.again++;
                }
                wire.flush(connection.socket);
            }
        }
    }

    private void keyFrame(final Connection connection, final int ssrc) {
        for (int i = 0; i < connection.sources.size(); i++) {
            final Source source = connection.sources.get(i);
            if (source.ssrc() == ssrc && source.kind() == TrafficClass.VIDEO) {
                counts.keyFramesAsked++;
                source.wantKeyFrame();
            }
        }
    }
}
