package org.chevet.relay.route;

import java.util.Locale;

/**
 * Which codec of a subscriber's section can take what a publisher sends. Codecs are compared by what a decoder must
 * know before the first packet: name, and for H.264 packetization mode and profile (RFC 6184 section 8.1), for VP9
 * and AV1 the profile. Stateless.
 */
final class CodecMatch {
    /** {@code profile-level-id} when absent: Baseline, level 1 (RFC 6184 section 8.1). */
    private static final String H264_DEFAULT = "42000a";
    private static final int CONSTRAINT_SET_1 = 0x40;
    private static final int BASELINE = 0x42;

    private CodecMatch() {
    }

    /** The index of the best match in the section, or -1. */
    static int find(final NegotiatedCodec sent, final NegotiatedSection section) {
        int fallback = -1;
        for (int i = 0; i < section.codecs().size(); i++) {
            final NegotiatedCodec received = section.codecs().get(i);
            if (received.codec() != sent.codec() || received.clockRate() != sent.clockRate()) {
                continue;
            }
            if (sameProfile(sent, received)) {
                return i;
            }
            if (fallback < 0 && isSuperset(sent, received)) {
                fallback = i;
            }
        }
        return fallback;
    }

    private static boolean sameProfile(final NegotiatedCodec a, final NegotiatedCodec b) {
        return switch (a.codec()) {
            case OPUS, VP8 -> true;
            // The blocks inside name their payload type, and pass unchanged.
            case RED -> a.blockPayloadType() == b.blockPayloadType();
            case VP9 -> parameter(a, "profile-id", "0").equals(parameter(b, "profile-id", "0"));
            case AV1 -> parameter(a, "profile", "0").equals(parameter(b, "profile", "0"));
            case H264 -> packetizationMode(a) == packetizationMode(b) && profile(a) == profile(b);
        };
    }

    /** A decoder of mode 1 takes mode 0, and one of Baseline or above takes Constrained Baseline. */
    private static boolean isSuperset(final NegotiatedCodec sent, final NegotiatedCodec received) {
        if (sent.codec() != Codec.H264) {
            return false;
        }
        final boolean mode = packetizationMode(received) >= packetizationMode(sent);
        final boolean constrainedBaseline = profile(sent) == constrained(BASELINE);
        return mode && (profile(sent) == profile(received) || constrainedBaseline);
    }

    private static int packetizationMode(final NegotiatedCodec codec) {
        return parameter(codec, "packetization-mode", "0").equals("1") ? 1 : 0;
    }

    /** Profile number and whether it is Constrained Baseline; other constraint bits do not tell decoders apart. */
    private static int profile(final NegotiatedCodec codec) {
        final String text = parameter(codec, "profile-level-id", H264_DEFAULT);
        final int value = text.matches("[0-9a-f]{6}") ? Integer.parseInt(text, 16) : 0;
        final int idc = value >>> 16;
        final boolean constrained = idc == BASELINE && ((value >>> 8) & CONSTRAINT_SET_1) != 0;
        return constrained ? constrained(idc) : idc;
    }

    private static int constrained(final int idc) {
        return idc | 0x100;
    }

    private static String parameter(final NegotiatedCodec codec, final String name, final String absent) {
        for (final String part : codec.fmtp().split(";", -1)) {
            final int equals = part.indexOf('=');
            if (equals > 0 && part.substring(0, equals).strip().equalsIgnoreCase(name)) {
                return part.substring(equals + 1).strip().toLowerCase(Locale.ROOT);
            }
        }
        return absent;
    }
}
