package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodecMatchTest {
    /** What is sent, what the section takes (in order, separated by bars), and the index that is chosen. */
    @ParameterizedTest
    @CsvSource({
        "VP8,  '',                                                  VP8,                                           0",
        "VP8,  '',                                                  VP9|H264,                                     -1",
        "VP9,  profile-id=2,                                        VP9 profile-id=0|VP9 profile-id=2,             1",
        "VP9,  profile-id=0,                                        VP9,                                           0",
        "AV1,  level-idx=5;profile=0;tier=0,                        AV1 profile=1|AV1,                             1",
        "H264, packetization-mode=1;profile-level-id=42e01f,        H264 packetization-mode=0;profile-level-id=42e01f"
            + "|H264 packetization-mode=1;profile-level-id=42E034,                                                 1",
        "H264, packetization-mode=1;profile-level-id=42e01f,        H264 packetization-mode=1;profile-level-id=42001f"
            + "|H264 packetization-mode=1;profile-level-id=42c015,                                                 1",
        "H264, packetization-mode=1;profile-level-id=42e01f,        H264 packetization-mode=1;profile-level-id=4d001f,"
            + "                                                                                                    0",
        "H264, packetization-mode=1;profile-level-id=4d001f,        H264 packetization-mode=1;profile-level-id=42e01f,"
            + "                                                                                                   -1",
        "H264, packetization-mode=0;profile-level-id=42001f,        H264 packetization-mode=1;profile-level-id=42001f,"
            + "                                                                                                    0",
        "H264, packetization-mode=1;profile-level-id=42001f,        H264 packetization-mode=0;profile-level-id=42001f,"
            + "                                                                                                   -1",
        "H264, '',                                                  H264 profile-level-id=42000a,                  0"})
    void choosesWhatTheDecoderCanTake(final Codec codec, final String fmtp, final String taken, final int expected) {
        final List<NegotiatedCodec> codecs = List.of(taken.split("\\|", -1)).stream().map(text -> {
            final int space = text.indexOf(' ');
            final String name = space < 0 ? text : text.substring(0, space);
            return codec(Codec.valueOf(name.strip()), space < 0 ? "" : text.substring(space + 1));
        }).toList();
        assertEquals(expected, CodecMatch.find(codec(codec, fmtp),
            Bench.send("y", MediaKind.VIDEO, codecs, Map.of(), 1, 0)));
    }

    private static NegotiatedCodec codec(final Codec codec, final String fmtp) {
        return new NegotiatedCodec(codec, 96, 97, 90_000, 0, fmtp, true, true, false, true, false);
    }
}
