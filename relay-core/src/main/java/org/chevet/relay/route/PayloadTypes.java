package org.chevet.relay.route;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Under which payload types a subscriber's section takes what the publication it carries sends. RED (RFC 2198) goes
 * out unchanged where it was agreed with the same payload type for its blocks; elsewhere as its primary block, which
 * is what an encoder without redundancy would have sent. Lane thread only.
 */
final class PayloadTypes {
    private static final byte NONE = -1;

    private final byte[] media = new byte[128];
    private final byte[] repairs = new byte[128];
    private final boolean[] primaryOnly = new boolean[128];

    PayloadTypes() {
        forget();
    }

    /** The section carries another publication. */
    void bind(final NegotiatedSection published, final NegotiatedSection section) {
        forget();
        for (final NegotiatedCodec codec : published.codecs()) {
            final int match = CodecMatch.find(codec, section);
            if (match >= 0) {
                put(codec, section.codecs().get(match));
                continue;
            }
            final NegotiatedCodec primary = primaryOf(codec, published);
            final int unpacked = primary == null ? NONE : CodecMatch.find(primary, section);
            if (unpacked >= 0) {
                put(codec, section.codecs().get(unpacked));
                primaryOnly[codec.payloadType()] = true;
            }
        }
    }

    private void forget() {
        Arrays.fill(media, NONE);
        Arrays.fill(repairs, NONE);
        Arrays.fill(primaryOnly, false);
    }

    private void put(final NegotiatedCodec sent, final NegotiatedCodec received) {
        media[sent.payloadType()] = (byte) received.payloadType();
        repairs[sent.payloadType()] = (byte) received.rtxPayloadType();
    }

    private static @Nullable NegotiatedCodec primaryOf(final NegotiatedCodec red, final NegotiatedSection published) {
        final int wanted = red.blockPayloadType();
        for (final NegotiatedCodec codec : published.codecs()) {
            if (wanted >= 0 && codec.payloadType() == wanted) {
                return codec;
            }
        }
        return null;
    }

    /** The subscriber's payload type for one of the publisher's, or -1. */
    int media(final int incoming) {
        return media[incoming];
    }

    /** That of retransmissions of it, or -1. */
    int repair(final int incoming) {
        return repairs[incoming];
    }

    /** Bytes at the start of the payload this subscriber does not get: what stands before the primary block. */
    int skipped(final Packet packet) {
        return primaryOnly[packet.payloadType()] ? packet.primary() : 0;
    }
}
