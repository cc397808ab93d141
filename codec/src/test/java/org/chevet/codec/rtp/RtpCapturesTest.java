package org.chevet.codec.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.Fixtures;
import org.junit.jupiter.api.Test;

/** Every RTP packet that the browsers sent. */
class RtpCapturesTest {
    private static final int CAPTURED = 722;

    private final RtpHeader header = new RtpHeader();
    private final RtpExtensions extensions = new RtpExtensions();
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[2048]);

    @Test
    void everyPacketReadsTheSamePlainAndProtected() {
        final RtpHeader sealed = new RtpHeader();
        int packets = 0;
        for (final Fixtures.Capture capture : Fixtures.captures()) {
            for (final Fixtures.Packet packet : capture.rtp()) {
                assertTrue(header.wrapPlain(packet.plain(), 0, packet.plain().capacity()), capture.file());
                assertTrue(sealed.wrap(packet.sealed(), 0, packet.sealed().capacity()), capture.file());
                assertEquals(header.headerLength(), sealed.headerLength(), capture.file());
                assertEquals(header.ssrc(), sealed.ssrc());
                assertEquals(header.sequence(), sealed.sequence());
                capture.mediaOf(header.payloadType());
                packets++;
            }
        }
        assertEquals(CAPTURED, packets);
    }

    @Test
    void everyPacketIsRewrittenByteForByte() {
        final RtpHeaderWriter writer = new RtpHeaderWriter();
        int twoByte = 0;
        for (final Fixtures.Capture capture : Fixtures.captures()) {
            for (final Fixtures.Packet packet : capture.rtp()) {
                assertTrue(header.wrapPlain(packet.plain(), 0, packet.plain().capacity()));
                writer.begin(true).fields(header).padding(header.hasPadding());
                assertTrue(extensions.wrap(header), capture.file());
                twoByte += extensions.isTwoByte() ? 1 : 0;
                while (extensions.next()) {
                    assertTrue(writer.extension(extensions.id(), header.buffer(), extensions.valueOffset(),
                        extensions.valueLength()));
                }
                final int length = writer.write(out, 0, out.capacity());
                assertEquals(hex(packet.plain(), 0, header.headerLength()), hex(out, 0, length), capture.file());
            }
        }
        assertTrue(twoByte > 20, "captures hold both forms: " + twoByte);
    }

    @Test
    void everyBrowserPacketCarriesATransportSequenceThatGrowsByOne() {
        for (final Fixtures.Capture capture : Fixtures.captures()) {
            int last = -1;
            for (final Fixtures.Packet packet : capture.rtp()) {
                assertTrue(header.wrapPlain(packet.plain(), 0, packet.plain().capacity()));
                final int id = capture.mediaOf(header.payloadType()).extensionId(
                    "draft-holmer-rmcat-transport-wide-cc-extensions-01");
                assertTrue(extensions.wrap(header) && extensions.find(id), capture.file());
                assertTrue(last < 0 || extensions.valueU16() == ((last + 1) & 0xFFFF), capture.file());
                last = extensions.valueU16();
            }
        }
    }

    @Test
    void retransmissionsCarryThePayloadOfThePacketTheyName() {
        int repaired = 0;
        int paddingOnly = 0;
        for (final Fixtures.Capture capture : Fixtures.captures()) {
            final Map<String, String> media = new HashMap<>();
            for (final Fixtures.Packet packet : capture.rtp()) {
                assertTrue(header.wrapPlain(packet.plain(), 0, packet.plain().capacity()));
                final String codec = capture.mediaOf(header.payloadType()).codecs().get(header.payloadType());
                final String payload = hex(packet.plain(), header.payloadOffset(), header.payloadLength());
                if (!codec.startsWith("rtx/")) {
                    media.put(header.sequence() + "/" + header.timestamp(), payload);
                } else if (header.isPaddingOnly()) {
                    assertEquals(-1, Rtx.originalSequence(header));
                    paddingOnly++;
                } else {
                    final String original =
                        media.get(Rtx.originalSequence(header) + "/" + header.timestamp());
                    assertEquals(original, hex(packet.plain(), Rtx.originalPayloadOffset(header),
                        Rtx.originalPayloadLength(header)), capture.file());
                    repaired++;
                }
            }
        }
        assertTrue(repaired > 50 && paddingOnly > 20, repaired + " repairs, " + paddingOnly + " of padding");
    }

    @Test
    void redundantAudioRepeatsThePacketBefore() {
        final Red red = new Red();
        int redundant = 0;
        for (final Fixtures.Capture capture : Fixtures.captures()) {
            final Map<String, String> primaries = new HashMap<>();
            for (final Fixtures.Packet packet : capture.rtp()) {
                assertTrue(header.wrapPlain(packet.plain(), 0, packet.plain().capacity()));
                final Fixtures.Media media = capture.mediaOf(header.payloadType());
                if (!media.codecs().get(header.payloadType()).startsWith("red/") || header.isPaddingOnly()) {
                    continue;
                }
                assertTrue(red.wrap(packet.plain(), header.payloadOffset(), header.payloadLength()), capture.file());
                for (int i = 0; i < red.blockCount(); i++) {
                    final String key =
                        header.ssrc() + "/" + (header.timestamp() - red.timestampOffset(i));
                    final String data = hex(packet.plain(), red.dataOffset(i), red.dataLength(i));
                    assertTrue(media.codecs().containsKey(red.payloadType(i)), capture.file());
                    if (i == red.blockCount() - 1) {
                        primaries.put(key, data);
                    } else if (primaries.containsKey(key)) {
                        assertEquals(primaries.get(key), data, capture.file());
                        redundant++;
                    }
                }
            }
        }
        assertTrue(redundant > 5, "redundant blocks compared: " + redundant);
    }

    private static String hex(final DirectBuffer buffer, final int offset, final int length) {
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
