package org.chevet.relay.sctp;

import static org.chevet.codec.wire.BigEndian.put32;

import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.sctp.ChunkType;
import org.chevet.codec.sctp.InitChunk;
import org.chevet.codec.sctp.SctpPacket;

/**
 * What one INIT of the peer proposed and what we answered: the state that RFC 9260 section 5.1.3 puts into the
 * cookie. It is kept here instead, once, because DTLS has proven who the peer is; the cookie only names it. One thread.
 */
final class Handshake {
    static final int COOKIE_LENGTH = 20;
    private static final int T_BIT = 1;
    /** Longest cookie of a peer that is echoed, in bytes. */
    static final int MAX_COOKIE = 1024;

    final UnsafeBuffer cookie = new UnsafeBuffer(new byte[COOKIE_LENGTH]);
    boolean valid;
    int localTag;
    int localTsn;
    int peerTag;
    int peerTsn;
    long peerWindow;
    int peerOutbound;
    int peerInbound;
    boolean interleaving;
    boolean interleavedForwardTsn;
    boolean forwardTsn;
    boolean reconfig;

    /** A verification tag; never 0 (section 5.3.1). */
    static int newTag(final RandomGenerator random) {
        int tag;
        do {
            tag = random.nextInt();
        } while (tag == 0);
        return tag;
    }

    /** True when the tag of a packet is right for its current, first chunk (sections 8.5 and 8.5.1). */
    static boolean isTagRight(final SctpPacket packet, final Handshake current, final Handshake proposed) {
        final int tag = packet.tag();
        final boolean isReflected = (packet.chunkFlags() & T_BIT) != 0;
        return switch (packet.chunkType()) {
            case ChunkType.INIT -> tag == 0 && packet.chunks() == 1;
            case ChunkType.ABORT, ChunkType.SHUTDOWN_COMPLETE ->
                tag != 0 && tag == (isReflected ? current.peerTag : current.localTag);
            case ChunkType.COOKIE_ECHO ->
                tag != 0 && (tag == current.localTag || (proposed.valid && tag == proposed.localTag));
            default -> tag != 0 && tag == current.localTag;
        };
    }

    /** Takes what the peer says of itself. */
    void peer(final InitChunk init) {
        peerTag = init.tag();
        peerTsn = init.initialTsn();
        peerWindow = init.window();
        peerOutbound = init.outboundStreams();
        peerInbound = init.inboundStreams();
        interleaving = init.hasInterleaving();
        interleavedForwardTsn = init.hasInterleavedForwardTsn();
        forwardTsn = init.hasForwardTsn();
        reconfig = init.hasReconfig();
    }

    boolean isOf(final InitChunk init) {
        return valid && peerTag == init.tag() && peerTsn == init.initialTsn();
    }

    void seal(final int nonce) {
        valid = true;
        put32(cookie, 0, localTag);
        put32(cookie, 4, peerTag);
        put32(cookie, 8, localTsn);
        put32(cookie, 12, peerTsn);
        put32(cookie, 16, nonce);
    }

    /** True when the current chunk echoes our cookie. */
    boolean isEchoedBy(final SctpPacket packet) {
        return valid && packet.valueLength() == COOKIE_LENGTH
            && equal(cookie, packet.buffer(), packet.valueOffset());
    }

    private static boolean equal(final DirectBuffer one, final DirectBuffer other, final int at) {
        int difference = 0;
        for (int i = 0; i < COOKIE_LENGTH; i++) {
            difference |= one.getByte(i) ^ other.getByte(at + i);
        }
        return difference == 0;
    }

    void copyFrom(final Handshake other) {
        cookie.putBytes(0, other.cookie, 0, COOKIE_LENGTH);
        valid = other.valid;
        localTag = other.localTag;
        localTsn = other.localTsn;
        peerTag = other.peerTag;
        peerTsn = other.peerTsn;
        peerWindow = other.peerWindow;
        peerOutbound = other.peerOutbound;
        peerInbound = other.peerInbound;
        interleaving = other.interleaving;
        interleavedForwardTsn = other.interleavedForwardTsn;
        forwardTsn = other.forwardTsn;
        reconfig = other.reconfig;
    }
}
