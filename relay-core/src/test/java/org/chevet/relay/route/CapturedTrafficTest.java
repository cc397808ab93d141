package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.payload.DependencyDescriptor;
import org.chevet.codec.payload.DependencyTemplates;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.relay.bwe.VideoProfile;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that real browsers sent, through the router to a viewer. */
@Tag("REQ-A1")
class CapturedTrafficTest {
    static Stream<Path> publishers() throws IOException {
        return captures(false);
    }

    static Stream<Path> viewers() throws IOException {
        return captures(true);
    }

    private static Stream<Path> captures(final boolean viewer) throws IOException {
        try (Stream<Path> files = Files.list(CapturedTraffic.FOLDER)) {
            final List<Path> chosen = files.filter(file -> file.toString().endsWith(".jsonl"))
                .filter(file -> file.toString().contains("viewer") == viewer).sorted().toList();
            assertFalse(chosen.isEmpty());
            return chosen.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("publishers")
    void aViewerGetsOneSeamlessStreamPerTrack(final Path file) throws IOException {
        final CapturedTraffic capture = new CapturedTraffic(file);
        final Bench bench = new Bench(1024);
        bench.publisher(1, 1, capture.published.toArray(NegotiatedSection[]::new));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, capture.viewed());
        final UnsafeBuffer wire = new UnsafeBuffer(new byte[2048]);
        final Map<Integer, Integer> arrived = new HashMap<>();
        final long startNs = bench.nowNs;
        for (final CapturedTraffic.Datagram datagram : capture.datagrams) {
            bench.advance(Math.max(0, startNs + (long) (datagram.ms() * 1e6) - bench.nowNs));
            wire.putBytes(0, datagram.bytes());
            if (datagram.rtcp()) {
                assertTrue(bench.router.onRtcp(1, wire, 0, datagram.bytes().length, bench.nowNs) >= 0);
                bench.egress.flush(bench, bench.nowNs);
            } else {
                arrived.merge(payloadType(wire, datagram.bytes().length), 1, Integer::sum);
                bench.datagram(1, wire, 0, datagram.bytes().length);
            }
        }
        for (final NegotiatedSection section : capture.viewed()) {
            checkStream(bench, section, capture.name);
        }
        checkEverythingWanted(bench, capture, arrived);
        assertEquals(0, bench.dropped(DropReason.RTP_UNKNOWN_STREAM));
        assertEquals(0, bench.dropped(DropReason.RTP_MALFORMED));
        bench.advance(PublisherSide.REPORT_NS + PublisherSide.PATIENCE_NS);
        assertTrue(bench.reportsTo(1).stream().anyMatch(report -> (report.bytes()[1] & 0xFF) == 201));
        assertTrue(bench.reportsTo(1).stream().anyMatch(report -> (report.bytes()[1] & 0xFF) == 205));
        bench.close();
    }

    /** Spatial and temporal scalability in one stream: only the base layer is wanted, and a whole picture it is. */
    @ParameterizedTest
    @ValueSource(strings = {"chromium156-av1-l3t3key.jsonl", "chromium156-vp9-l3t3.jsonl"})
    void theBaseLayerAloneIsASeamlessStream(final String name) throws IOException {
        final CapturedTraffic capture = new CapturedTraffic(CapturedTraffic.FOLDER.resolve(name));
        final Bench bench = new Bench(1024);
        bench.publisher(1, 1, capture.published.toArray(NegotiatedSection[]::new));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, capture.viewed());
        final UnsafeBuffer wire = new UnsafeBuffer(new byte[2048]);
        NegotiatedSection video = null;
        for (final NegotiatedSection section : capture.viewed()) {
            if (section.kind() == MediaKind.VIDEO) {
                video = section;
                assertTrue(bench.router.limitLayers(2, section.mid(), 0, 0));
            }
        }
        for (final CapturedTraffic.Datagram datagram : capture.datagrams) {
            if (!datagram.rtcp()) {
                wire.putBytes(0, datagram.bytes());
                bench.datagram(1, wire, 0, datagram.bytes().length);
            }
        }
        checkStream(bench, video, name);
        final List<Bench.Sent> sent = bench.sentTo(2, video.localSsrc());
        assertTrue(sent.size() >= 2 && bench.dropped(DropReason.LAYER_NOT_SELECTED) > sent.size(),
            sent.size() + " sent, " + bench.drops());
        final DependencyTemplates templates = new DependencyTemplates();
        final DependencyDescriptor descriptor = new DependencyDescriptor();
        for (int i = 0; i < sent.size(); i++) {
            final byte[] value =
                sent.get(i).extensions().get(video.extensions().get(HeaderExtension.DEPENDENCY_DESCRIPTOR));
            assertTrue(descriptor.wrap(new UnsafeBuffer(value), 0, value.length) && templates.update(descriptor));
            assertEquals(0, templates.spatialId(descriptor.templateId()), "packet " + i);
            assertEquals(0, templates.temporalId(descriptor.templateId()), "packet " + i);
            final boolean last = i + 1 == sent.size() || sent.get(i + 1).timestamp() != sent.get(i).timestamp();
            assertTrue(sent.get(i).marker() == last || i + 1 == sent.size(), "marker of packet " + i);
        }
        bench.close();
    }

    /** The sizes stand in the key frame's descriptor, so a wish holds from the first picture on. */
    @ParameterizedTest
    @ValueSource(strings = {"chromium156-av1-l3t3key.jsonl", "chromium156-vp9-l3t3.jsonl"})
    void aWishForASmallPictureHoldsFromTheFirst(final String name) throws IOException {
        final CapturedTraffic capture = new CapturedTraffic(CapturedTraffic.FOLDER.resolve(name));
        final Bench bench = new Bench(1024);
        bench.publisher(1, 1, capture.published.toArray(NegotiatedSection[]::new));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, capture.viewed());
        final NegotiatedSection video =
            java.util.Arrays.stream(capture.viewed()).filter(section -> section.kind() == MediaKind.VIDEO)
                .findFirst().orElseThrow();
        assertTrue(bench.router.wish(2, video.mid(), new VideoWish(640, 359, VideoWish.NO_LIMIT, false,
            VideoProfile.BALANCED), bench.nowNs));
        final UnsafeBuffer wire = new UnsafeBuffer(new byte[2048]);
        for (final CapturedTraffic.Datagram datagram : capture.datagrams) {
            if (!datagram.rtcp()) {
                wire.putBytes(0, datagram.bytes());
                bench.datagram(1, wire, 0, datagram.bytes().length);
            }
        }
        checkStream(bench, video, name);
        final List<Bench.Sent> sent = bench.sentTo(2, video.localSsrc());
        assertTrue(sent.size() >= 2, sent.size() + " sent");
        final DependencyTemplates templates = new DependencyTemplates();
        final DependencyDescriptor descriptor = new DependencyDescriptor();
        for (final Bench.Sent packet : sent) {
            final byte[] value =
                packet.extensions().get(video.extensions().get(HeaderExtension.DEPENDENCY_DESCRIPTOR));
            assertTrue(descriptor.wrap(new UnsafeBuffer(value), 0, value.length) && templates.update(descriptor));
            assertEquals(320, templates.width(templates.spatialId(descriptor.templateId())));
        }
        bench.close();
    }

    /** No hole, no step back in time, no empty packet, and a key frame first. */
    private static void checkStream(final Bench bench, final NegotiatedSection section, final String name) {
        final List<Bench.Sent> sent = bench.sentTo(2, section.localSsrc());
        for (int i = 0; i < sent.size(); i++) {
            assertTrue(sent.get(i).payload().length > 0, name);
            assertTrue(sent.get(i).extensions().containsKey(section.extensions().get(HeaderExtension.MID)), name);
            if (i > 0) {
                assertEquals((sent.get(i - 1).sequence() + 1) & 0xFFFF, sent.get(i).sequence(), name + " packet " + i);
                assertTrue(sent.get(i).timestamp() - sent.get(i - 1).timestamp() >= 0, name + " packet " + i);
            }
        }
        if (section.kind() == MediaKind.VIDEO && !sent.isEmpty()) {
            final Bench.Sent first = sent.get(0);
            final UnsafeBuffer payload = new UnsafeBuffer(first.payload());
            final boolean key = switch (section.codecs().get(0).codec()) {
                case VP8 -> org.chevet.codec.payload.KeyFrames.isVp8Start(payload, 0, first.payload().length);
                case VP9 -> org.chevet.codec.payload.KeyFrames.isVp9Start(payload, 0, first.payload().length);
                case H264 -> org.chevet.codec.payload.KeyFrames.isH264Start(payload, 0, first.payload().length);
                case AV1 -> org.chevet.codec.payload.KeyFrames.isAv1Start(payload, 0, first.payload().length);
                case OPUS, RED -> false;
            };
            assertTrue(key, name + " starts with a key frame");
        }
    }

    /** Single-layer captures lost nothing, so every media packet with a known codec must have come through. */
    private static void checkEverythingWanted(final Bench bench, final CapturedTraffic capture,
        final Map<Integer, Integer> arrived) {
        if (capture.name.contains("simulcast")) {
            assertTrue(bench.sentTo(2, 1002).size() > 3, capture.name + " " + bench.drops());
            return;
        }
        long expected = 0;
        for (final NegotiatedSection section : capture.published) {
            for (final NegotiatedCodec codec : section.codecs()) {
                expected += arrived.getOrDefault(codec.payloadType(), 0);
            }
        }
        final long dropped = bench.dropped(DropReason.AWAITING_KEY_FRAME)
            + bench.dropped(DropReason.RTP_PADDING_ONLY) + bench.dropped(DropReason.RTP_DUPLICATE)
            + bench.dropped(DropReason.RTP_UNKNOWN_PAYLOAD_TYPE) + bench.dropped(DropReason.LAYER_NOT_SELECTED);
        assertEquals(capture.datagrams.stream().filter(datagram -> !datagram.rtcp()).count(),
            bench.stats.counted(Counter.RTP_FORWARDED) + dropped, bench.drops().toString());
        assertTrue(bench.stats.counted(Counter.RTP_FORWARDED) >= expected * 4 / 10,
            capture.name + ": " + bench.stats.counted(Counter.RTP_FORWARDED) + " of " + expected + bench.drops());
    }

    @ParameterizedTest
    @MethodSource("viewers")
    void feedbackOfViewersIsUnderstood(final Path file) throws IOException {
        final CapturedTraffic capture = new CapturedTraffic(file);
        final Bench bench = new Bench(64);
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, Bench.send("0", MediaKind.AUDIO, List.of(Bench.OPUS),
            Bench.AUDIO_EXTENSIONS, 0x1111_1111, 0), Bench.send("1", MediaKind.VIDEO, List.of(Bench.VP8),
                Bench.VIDEO_EXTENSIONS, 0x2222_2222, 0x3333_3333));
        final UnsafeBuffer wire = new UnsafeBuffer(new byte[2048]);
        for (final CapturedTraffic.Datagram datagram : capture.datagrams) {
            wire.putBytes(0, datagram.bytes());
            assertTrue(bench.router.onRtcp(2, wire, 0, datagram.bytes().length, bench.nowNs) >= 0);
        }
        assertTrue(bench.stats.counted(Counter.KEY_FRAME_REQUESTS_RECEIVED) > 0);
        assertEquals(capture.name.contains("nack"), bench.stats.counted(Counter.NACKS_RECEIVED) > 0);
        assertEquals(0, bench.dropped(DropReason.RTCP_MALFORMED));
        bench.close();
    }

    private static int payloadType(final UnsafeBuffer wire, final int length) {
        final RtpHeader header = new RtpHeader();
        assertTrue(header.wrapPlain(wire, 0, length));
        return header.payloadType();
    }
}
