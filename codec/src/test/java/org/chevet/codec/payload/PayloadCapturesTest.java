package org.chevet.codec.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.agrona.DirectBuffer;
import org.chevet.codec.Fixtures;
import org.chevet.codec.rtp.Red;
import org.chevet.codec.rtp.RtpExtensions;
import org.chevet.codec.rtp.RtpHeader;
import org.junit.jupiter.api.Test;

/** The video that the browsers sent: payloads, dependency descriptors and the marker bit must tell the same story. */
class PayloadCapturesTest {
    private static final String DEPENDENCY_DESCRIPTOR = "#dependency-descriptor-rtp-header-extension";
    /** A capture that began after the first key frame (its first packet is marked as predicted by VP8 itself). */
    private static final String BEGINS_LATE = "chromium156-vp8-opus-gcm256.jsonl";

    /** One media packet of video, retransmissions and padding left out, RED taken off. */
    private record Video(String file, int ssrc, String codec, int sequence, boolean marker, DirectBuffer buffer,
        int offset, int length, int descriptorOffset, int descriptorLength) {

        boolean isKeyFrameStart() {
            return switch (codec) {
                case "VP8" -> KeyFrames.isVp8Start(buffer, offset, length);
                case "VP9" -> KeyFrames.isVp9Start(buffer, offset, length);
                case "H264" -> KeyFrames.isH264Start(buffer, offset, length);
                case "AV1" -> KeyFrames.isAv1Start(buffer, offset, length);
                default -> throw new IllegalStateException(codec);
            };
        }
    }

    private static List<Video> videos() {
        final List<Video> videos = new ArrayList<>();
        final RtpHeader header = new RtpHeader();
        final RtpExtensions extensions = new RtpExtensions();
        final Red red = new Red();
        for (final Fixtures.Capture capture : Fixtures.captures()) {
            for (final Fixtures.Packet packet : capture.rtp()) {
                assertTrue(header.wrapPlain(packet.plain(), 0, packet.plain().capacity()));
                final Fixtures.Media media = capture.mediaOf(header.payloadType());
                String codec = media.codecs().get(header.payloadType()).replaceAll("/.*", "");
                if (header.isPaddingOnly() || codec.equals("rtx") || codec.equals("opus")) {
                    continue;
                }
                int offset = header.payloadOffset();
                int length = header.payloadLength();
                if (codec.equals("red")) {
                    assertTrue(red.wrap(packet.plain(), offset, length));
                    final int primary = red.blockCount() - 1;
                    codec = media.codecs().get(red.payloadType(primary)).replaceAll("/.*", "");
                    offset = red.dataOffset(primary);
                    length = red.dataLength(primary);
                }
                if (codec.equals("opus") || codec.equals("ulpfec")) {
                    continue;
                }
                final boolean found = extensions.wrap(header) && extensions.find(
                    media.extensionId(DEPENDENCY_DESCRIPTOR));
                videos.add(new Video(capture.file(), header.ssrc(), codec, header.sequence(), header.marker(),
                    packet.plain(), offset, length, extensions.valueOffset(), found ? extensions.valueLength() : 0));
            }
        }
        return videos;
    }

    @Test
    void everyStreamBeginsWithAKeyFrame() {
        final Set<Integer> seen = new HashSet<>();
        final Map<String, Integer> streams = new TreeMap<>();
        for (final Video video : videos()) {
            if (seen.add(video.ssrc)) {
                assertEquals(!video.file.equals(BEGINS_LATE), video.isKeyFrameStart(), video.file);
                streams.merge(video.codec, 1, Integer::sum);
            }
        }
        assertEquals(Map.of("AV1", 1, "H264", 1, "VP8", 10, "VP9", 1), streams);
    }

    @Test
    void aKeyFrameStartsOnceAFrameAndOnlyAtItsFirstPacket() {
        final Map<String, Integer> starts = new TreeMap<>();
        final Map<Integer, Boolean> afterMarker = new HashMap<>();
        for (final Video video : videos()) {
            if (video.isKeyFrameStart()) {
                starts.merge(video.codec, 1, Integer::sum);
                assertTrue(afterMarker.getOrDefault(video.ssrc, true), video.file + " " + video.sequence);
            }
            afterMarker.put(video.ssrc, video.marker);
        }
        // Totals of a second reader, written in another language.
        assertEquals(Map.of("AV1", 2, "H264", 1, "VP8", 11, "VP9", 1), starts);
    }

    @Test
    void vp8DescriptorsAgreeWithKeyFramesAndMarkers() {
        final Vp8Descriptor descriptor = new Vp8Descriptor();
        final Map<Integer, Video> last = new HashMap<>();
        final Map<Integer, Integer> pictureIds = new HashMap<>();
        int withPictureId = 0;
        for (final Video video : videos()) {
            if (!video.codec.equals("VP8")) {
                continue;
            }
            assertTrue(descriptor.wrap(video.buffer, video.offset, video.length), video.file);
            assertEquals(video.isKeyFrameStart(), descriptor.isKeyFrameStart(), video.file);
            final Video before = last.put(video.ssrc, video);
            final boolean consecutive = before != null && before.sequence + 1 == video.sequence;
            if (consecutive) {
                assertEquals(before.marker, descriptor.isStartOfFrame(), video.file);
            }
            if (descriptor.pictureId() >= 0) {
                withPictureId++;
                assertTrue(descriptor.isLongPictureId());
                final int previous = pictureIds.getOrDefault(video.ssrc, descriptor.pictureId());
                final int step = consecutive && before.marker ? 1 : 0;
                if (consecutive) {
                    assertEquals((previous + step) & 0x7FFF, descriptor.pictureId(), video.file);
                }
                pictureIds.put(video.ssrc, descriptor.pictureId());
            }
        }
        assertTrue(withPictureId > 20, "with picture id: " + withPictureId);
    }

    @Test
    void vp9DescriptorsAgreeWithDependencyDescriptors() {
        final Vp9Descriptor vp9 = new Vp9Descriptor();
        final DependencyDescriptor descriptor = new DependencyDescriptor();
        final DependencyTemplates templates = new DependencyTemplates();
        final Set<String> layers = new HashSet<>();
        for (final Video video : videos()) {
            if (!video.codec.equals("VP9")) {
                continue;
            }
            assertTrue(vp9.wrap(video.buffer, video.offset, video.length), video.file);
            assertTrue(descriptor.wrap(video.buffer, video.descriptorOffset, video.descriptorLength), video.file);
            assertTrue(templates.update(descriptor), video.file + " " + video.sequence);
            assertEquals(vp9.isStartOfFrame(), descriptor.isStartOfFrame(), "sequence " + video.sequence);
            assertEquals(vp9.isEndOfFrame(), descriptor.isEndOfFrame(), "sequence " + video.sequence);
            assertEquals(vp9.spatialId(), templates.spatialId(descriptor.templateId()), "sequence " + video.sequence);
            assertEquals(vp9.temporalId(), templates.temporalId(descriptor.templateId()),
                "sequence " + video.sequence);
            assertEquals(vp9.isKeyFrameStart(), video.isKeyFrameStart());
            assertEquals(vp9.isKeyFrameStart(), descriptor.isKeyFrameStart(), "sequence " + video.sequence);
            layers.add(vp9.spatialId() + "/" + vp9.temporalId());
        }
        assertEquals(2, templates.maxSpatialId());
        assertEquals(2, templates.maxTemporalId());
        assertEquals(9, templates.decodeTargetCount());
        assertTrue(layers.size() >= 4, layers.toString());
    }

    @Test
    void dependencyDescriptorsAgreeWithAllPayloads() {
        final DependencyDescriptor descriptor = new DependencyDescriptor();
        final Map<Integer, DependencyTemplates> templates = new HashMap<>();
        final Vp8Descriptor vp8 = new Vp8Descriptor();
        final Map<String, Integer> checked = new TreeMap<>();
        for (final Video video : videos()) {
            if (video.descriptorLength == 0) {
                continue;
            }
            checked.merge(video.codec, 1, Integer::sum);
            assertTrue(descriptor.wrap(video.buffer, video.descriptorOffset, video.descriptorLength), video.file);
            final DependencyTemplates known = templates.computeIfAbsent(video.ssrc, ssrc -> new DependencyTemplates());
            assertTrue(known.update(descriptor), video.file + " " + video.sequence);
            assertEquals(video.isKeyFrameStart(), descriptor.isKeyFrameStart(), video.file + " " + video.sequence);
            if (video.codec.equals("VP8")) {
                assertTrue(vp8.wrap(video.buffer, video.offset, video.length));
                assertEquals(vp8.isStartOfFrame(), descriptor.isStartOfFrame());
                assertEquals(video.marker, descriptor.isEndOfFrame());
                assertEquals(0, known.spatialId(descriptor.templateId()));
                assertTrue(known.temporalId(descriptor.templateId()) >= 0);
            }
            if (video.marker) {
                assertTrue(descriptor.isEndOfFrame(), video.file);
            }
        }
        final Set<String> sizes = new TreeSet<>();
        templates.values().forEach(known -> sizes.add(known.width(0) + "x" + known.height(0) + " "
            + known.width(1) + "x" + known.height(1) + " " + known.width(2) + "x" + known.height(2)));
        assertEquals(Set.of("320x180 0x0 0x0", "640x360 0x0 0x0", "1280x720 0x0 0x0", "320x180 640x360 1280x720"),
            sizes);
        // Totals of a second reader, written in another language.
        assertEquals(Map.of("AV1", 25, "VP8", 43, "VP9", 18), checked);
    }
}
