package org.chevet.relay.route;

import static org.chevet.relay.route.Bench.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a key frame starts is read from the dependency descriptor, whatever of the payload can be read. */
class KeyFrameDetectorTest {
    private static final int DESCRIPTOR = 12;
    /** Nothing of this is the start of a key frame of any codec. */
    private static final byte[] SEALED = new byte[40];
    private final Bench bench = new Bench(1024);
    private int frame;

    static {
        Arrays.fill(SEALED, (byte) 0x41);
    }

    @AfterEach
    void noSlotIsLeaked() {
        bench.close();
    }

    @ParameterizedTest
    @EnumSource(value = Codec.class, names = {"VP8", "VP9", "H264", "AV1"})
    void theDescriptorTellsItOfASealedFrame(final Codec codec) {
        view(codec);
        picture(codec, 77, SEALED, delta());
        assertEquals(0, bench.sent.size());
        assertEquals(1, bench.dropped(DropReason.AWAITING_KEY_FRAME));
        picture(codec, 77, SEALED, key());
        picture(codec, 77, SEALED, delta());
        assertEquals(2, bench.sent.size());
    }

    @ParameterizedTest
    @EnumSource(value = Codec.class, names = {"VP8", "VP9", "H264", "AV1"})
    void anEncodingIsChangedAtTheKeyFrameTheDescriptorTellsOf(final Codec codec) {
        bench.publisher(1, 1, Bench.receive("v", MediaKind.VIDEO, List.of(codec(codec)), Bench.VIDEO_EXTENSIONS,
            new OfferedSource("0", 0, 0), new OfferedSource("1", 0, 0)));
        look(codec);
        for (int i = 0; i < 40; i++) {
            layered(codec, i == 0);
        }
        assertEquals(SEALED.length, bench.sent.getLast().payload().length);
        layered(codec, true);
        assertEquals(2 * SEALED.length, bench.sent.getLast().payload().length);
    }

    /** Ciphertext may look like a key frame; a stream whose descriptors have brought a structure is not fooled. */
    @ParameterizedTest
    @EnumSource(value = Codec.class, names = {"VP8", "VP9", "H264", "AV1"})
    void whatOnlyLooksLikeAKeyFrameIsNone(final Codec codec) {
        view(codec);
        picture(codec, 77, SEALED, key());
        bench.router.removePeer(2, bench.nowNs);
        look(codec);
        picture(codec, 77, looksLikeAKeyFrame(codec), delta());
        assertEquals(1, bench.sent.size(), bench.drops().toString());
        picture(codec, 77, SEALED, key());
        assertEquals(2, bench.sent.size());
    }

    @ParameterizedTest
    @EnumSource(value = Codec.class, names = {"VP8", "VP9", "H264", "AV1"})
    void withoutAStructureThePayloadTells(final Codec codec) {
        view(codec);
        picture(codec, 77, looksLikeAKeyFrame(codec), delta());
        assertEquals(1, bench.sent.size());
    }

    @Test
    void withoutADescriptorThePayloadTells() {
        view(Codec.VP8);
        bench.packet(77, 96, 1, 0, true);
        bench.rtp(1, SEALED);
        assertEquals(0, bench.sent.size());
        bench.packet(77, 96, 2, 3000, true);
        bench.rtp(1, looksLikeAKeyFrame(Codec.VP8));
        assertEquals(1, bench.sent.size());
    }

    private void view(final Codec codec) {
        bench.publisher(1, 1, Bench.receive("v", MediaKind.VIDEO, List.of(codec(codec)), Bench.VIDEO_EXTENSIONS));
        look(codec);
    }

    private void look(final Codec codec) {
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, Bench.send("y", MediaKind.VIDEO, List.of(codec(codec)),
            Bench.VIDEO_EXTENSIONS, 600, 601));
    }

    private void layered(final Codec codec, final boolean isKey) {
        final int number = frame++;
        for (int layer = 0; layer < 2; layer++) {
            begin(codec, 77 + layer, number, isKey ? key() : delta());
            bench.withText(4, "v");
            bench.withText(10, String.valueOf(layer));
            bench.rtp(1, Arrays.copyOf(SEALED, (layer + 1) * SEALED.length));
        }
        bench.advance(33 * MS);
    }

    private void picture(final Codec codec, final int ssrc, final byte[] payload, final byte[] descriptor) {
        begin(codec, ssrc, frame++, descriptor);
        bench.rtp(1, payload);
        bench.advance(33 * MS);
    }

    private void begin(final Codec codec, final int ssrc, final int number, final byte[] descriptor) {
        bench.packet(ssrc, codec(codec).payloadType(), number, number * 3000, true);
        descriptor[1] = (byte) (number >> 8);
        descriptor[2] = (byte) number;
        bench.packetExtension(DESCRIPTOR, descriptor);
    }

    /**
     * Start and end of a frame of template 0, with a structure: one template, one decode target, which needs it and
     * can be entered there, no chain, no sizes.
     */
    private static byte[] key() {
        return HexFormat.of().parseHex("c000008000e0");
    }

    /** Start and end of a frame of template 0. */
    private static byte[] delta() {
        return HexFormat.of().parseHex("c00000");
    }

    private static byte[] looksLikeAKeyFrame(final Codec codec) {
        return HexFormat.of().parseHex(switch (codec) {
            case VP8 -> "100000";
            case VP9 -> "0800";
            case H264 -> "67";
            case AV1 -> "080a01";
            case OPUS, RED -> throw new IllegalArgumentException(codec.name());
        } + "00".repeat(20));
    }

    private static NegotiatedCodec codec(final Codec codec) {
        return new NegotiatedCodec(codec, 96, 97, 90_000, 0, "", true, true, true, false, false);
    }
}
