package org.chevet.relay.signal;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.Locale;
import java.util.Optional;
import org.chevet.codec.sdp.Fmtp;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.RtpMap;
import org.chevet.relay.route.Codec;
import org.chevet.relay.route.MediaKind;
import org.chevet.relay.route.NegotiatedCodec;
import org.jspecify.annotations.Nullable;

/** Which offered payload types the relay carries, and with what parameters it answers them. */
final class CodecMatch {
    private static final int OPUS_CLOCK = 48_000;
    private static final int OPUS_CHANNELS = 2;
    private static final int VIDEO_CLOCK = 90_000;

    private static final String OPUS_SPEECH = "minptime=10;useinbandfec=1";

    /**
     * Two channels put the encoder of browsers into audio mode whatever the source has; no DTX and no in-band FEC
     * keep it from falling back to the speech layer, which loses heart sound (REQUIREMENTS, "What a browser does").
     */
    private static final String OPUS_DEVICE =
        "minptime=10;stereo=1;sprop-stereo=1;maxaveragebitrate=128000;useinbandfec=0;usedtx=0";

    /** The packets of others show parts of the frame, which sealing leaves nothing of. */
    private static final Set<Codec> SEALABLE = EnumSet.of(Codec.OPUS, Codec.VP8, Codec.VP9);

    private CodecMatch() {
    }

    /** Codecs of a section the relay can receive, in the order of the offer. */
    static List<NegotiatedCodec> forPublisher(final MediaSection section, final MediaKind kind,
        final boolean deviceAudio) {
        final List<NegotiatedCodec> codecs = new ArrayList<>();
        for (final int type : section.payloadTypes()) {
            final Codec codec = codecOf(section, kind, type);
            if (codec != null) {
                final String fmtp = switch (codec) {
                    case OPUS -> deviceAudio ? OPUS_DEVICE : OPUS_SPEECH;
                    case RED -> section.fmtp(type);
                    case VP8, VP9, H264, AV1 -> videoParameters(codec, section.fmtp(type));
                };
                codecs.add(negotiated(section, codec, type, fmtp));
            }
        }
        return codecs;
    }

    /** Those of which frames can be sealed from end to end. */
    static List<NegotiatedCodec> sealable(final List<NegotiatedCodec> codecs) {
        return codecs.stream().filter(codec -> SEALABLE.contains(codec.codec())).toList();
    }

    /** Codecs of a section the relay can send, in the order of the offer: all it knows. */
    static List<NegotiatedCodec> forSubscriber(final MediaSection section, final MediaKind kind) {
        return forPublisher(section, kind, false);
    }

    /**
     * Codecs of a section that carry what a publication may send, in the publication's order, each payload type
     * once; empty when there is none in common.
     */
    static List<NegotiatedCodec> forPublication(final List<NegotiatedCodec> offered,
        final List<NegotiatedCodec> published) {
        final List<NegotiatedCodec> codecs = new ArrayList<>();
        for (final NegotiatedCodec wanted : published) {
            for (final NegotiatedCodec candidate : offered) {
                if (candidate.codec() == wanted.codec() && sameProfile(candidate, wanted)
                    && codecs.stream().noneMatch(codec -> codec.payloadType() == candidate.payloadType())) {
                    codecs.add(withParametersOf(candidate, wanted));
                }
            }
        }
        return codecs;
    }

    /** True when what one side sends is what the other decodes; levels may differ (level-asymmetry-allowed). */
    private static boolean sameProfile(final NegotiatedCodec offered, final NegotiatedCodec published) {
        return switch (offered.codec()) {
            case OPUS, RED, VP8 -> true;
            case VP9 -> profile(offered, "profile-id").equals(profile(published, "profile-id"));
            case AV1 -> profile(offered, "profile").equals(profile(published, "profile"));
            // Clients that write no parameters at all (GStreamer) mean any, not the RFC's baseline mode 0.
            case H264 -> offered.fmtp().isEmpty() || published.fmtp().isEmpty()
                || (H264Profile.of(offered.fmtp()).equals(H264Profile.of(published.fmtp()))
                && H264Profile.packetizationMode(offered.fmtp())
                == H264Profile.packetizationMode(published.fmtp()));
        };
    }

    private static String profile(final NegotiatedCodec codec, final String name) {
        final String written = Fmtp.parameter(codec.fmtp(), name);
        return written.isEmpty() ? "0" : written;
    }

    private static NegotiatedCodec withParametersOf(final NegotiatedCodec offered, final NegotiatedCodec published) {
        final boolean stereo = offered.codec() == Codec.OPUS
            && ("1".equals(Fmtp.parameter(published.fmtp(), "stereo"))
            || "1".equals(Fmtp.parameter(published.fmtp(), "sprop-stereo")));
        final String fmtp = stereo ? OPUS_SPEECH + ";stereo=1;sprop-stereo=1"
            : offered.fmtp().isEmpty() ? published.fmtp() : offered.fmtp();
        return new NegotiatedCodec(offered.codec(), offered.payloadType(), offered.rtxPayloadType(),
            offered.clockRate(), offered.channels(), fmtp, offered.nack(), offered.pli(), offered.fir(),
            offered.transportCc(), offered.remb());
    }

    /** The codec of a payload type when the relay carries it in this kind of section, else null. */
    private static @Nullable Codec codecOf(final MediaSection section, final MediaKind kind, final int type) {
        final Optional<RtpMap> map = section.rtpMap(type);
        if (map.isEmpty()) {
            return null;
        }
        final String fmtp = section.fmtp(type);
        final String name = map.get().encoding().toLowerCase(Locale.ROOT);
        if (kind == MediaKind.AUDIO) {
            return map.get().clockRate() != OPUS_CLOCK ? null : name.equals("opus") ? Codec.OPUS
                : name.equals("red") && isOfOpus(section, type) ? Codec.RED : null;
        }
        if (map.get().clockRate() != VIDEO_CLOCK) {
            return null;
        }
        return switch (name) {
            case "vp8" -> Codec.VP8;
            case "vp9" -> Codec.VP9;
            case "av1" -> Codec.AV1;
            case "h264" -> {
                final int mode = H264Profile.packetizationMode(fmtp);
                yield (mode == 0 || mode == 1) && H264Profile.of(fmtp).isPresent() ? Codec.H264 : null;
            }
            default -> null;
        };
    }

    /** RED of which every block is Opus of this section (RFC 2198 section 5). */
    private static boolean isOfOpus(final MediaSection section, final int type) {
        final int block = negotiated(section, Codec.RED, type, section.fmtp(type)).blockPayloadType();
        return section.payloadTypes().contains(block) && section.rtpMap(block)
            .map(map -> map.encoding().equalsIgnoreCase("opus") && map.clockRate() == OPUS_CLOCK).orElse(false);
    }

    private static NegotiatedCodec negotiated(final MediaSection section, final Codec codec, final int type,
        final String fmtp) {
        final boolean audio = codec == Codec.OPUS || codec == Codec.RED;
        return new NegotiatedCodec(codec, type, rtxOf(section, type),
            audio ? OPUS_CLOCK : VIDEO_CLOCK, audio ? OPUS_CHANNELS : 0, fmtp,
            section.feedback(type, "nack"), section.feedback(type, "nack pli"), section.feedback(type, "ccm fir"),
            section.feedback(type, "transport-cc"), section.feedback(type, "goog-remb"));
    }

    /** Payload type of the retransmissions of another (RFC 4588 section 8.6), or -1. */
    private static int rtxOf(final MediaSection section, final int type) {
        for (final int candidate : section.payloadTypes()) {
            final boolean rtx = section.rtpMap(candidate)
                .map(map -> map.encoding().equalsIgnoreCase("rtx")).orElse(false);
            if (rtx && Fmtp.parameter(section.fmtp(candidate), "apt").equals(Integer.toString(type))) {
                return candidate;
            }
        }
        return -1;
    }

    /** What of the offer's parameters both sides must agree on; a sender's own properties are not repeated. */
    private static String videoParameters(final Codec codec, final String offered) {
        final List<String> names = switch (codec) {
            case H264 -> List.of("level-asymmetry-allowed", "packetization-mode", "profile-level-id");
            case VP9 -> List.of("profile-id");
            case AV1 -> List.of("level-idx", "profile", "tier");
            case OPUS, RED, VP8 -> List.of();
        };
        final List<String> kept = new ArrayList<>();
        for (final String name : names) {
            final String value = Fmtp.parameter(offered, name);
            if (!value.isEmpty()) {
                kept.add(name + "=" + value);
            }
        }
        return String.join(";", kept);
    }
}
