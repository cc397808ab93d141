package org.chevet.relay.srtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.wire.BigEndian;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** 930 packets that real clients protected, each with its plaintext. */
@ParameterizedClass
@MethodSource("org.chevet.relay.srtp.Engines#names")
class SrtpCaptureTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> CAPTURES = List.of("chromium156-audio-red", "chromium156-av1-l3t3key",
        "chromium156-h264", "chromium156-red-ulpfec", "chromium156-simulcast-vp8-rtx",
        "chromium156-viewer-rtcp-ccfb-fieldtrial", "chromium156-viewer-rtcp-remb",
        "chromium156-viewer-rtcp-twcc-nack-pli-xr", "chromium156-vp8-opus-cm80", "chromium156-vp8-opus-gcm128",
        "chromium156-vp8-opus-gcm256", "chromium156-vp9-l3t3", "firefox153-av1", "firefox153-simulcast-vp8-rtx",
        "firefox153-viewer-rtcp-remb", "firefox153-viewer-rtcp-twcc-nack-pli", "firefox153-vp8-cm32",
        "firefox153-vp8-opus-gcm128", "firefox153-vp9");

    private final AeadEngineProvider engines;

    SrtpCaptureTest(final String name) {
        engines = Engines.require(name);
    }

    /** One line of a capture. */
    private record Packet(boolean isRtcp, String sealedHex, String plainHex) {
        byte[] sealed() {
            return HEX.parseHex(sealedHex);
        }

        byte[] plain() {
            return HEX.parseHex(plainHex);
        }
    }

    @Test
    void everyCapturedPacketOpensAndSealsToTheSameBytes() throws IOException {
        int packets = 0;
        final Map<SrtpProfile, Integer> profiles = new TreeMap<>();
        for (final String name : CAPTURES) {
            final List<String> lines = lines(name);
            final JsonNode head = JSON.readTree(lines.getFirst());
            final SrtpProfile profile = SrtpProfile.ofCode(head.get("srtpProfile").asInt());
            assertNotNull(profile, name);
            final byte[] exporter = HEX.parseHex(head.get("exporter").asText());
            final List<Packet> capture = new ArrayList<>();
            for (final String line : lines.subList(1, lines.size())) {
                final JsonNode node = JSON.readTree(line);
                capture.add(new Packet("rtcp".equals(node.get("k").asText()),
                    node.get("protected").asText(), node.get("plain").asText()));
            }
            open(name, profile, exporter, capture);
            seal(name, profile, exporter, capture);
            packets += capture.size();
            profiles.merge(profile, 1, Integer::sum);
        }
        assertEquals(930, packets);
        assertEquals(4, profiles.size(), "profiles seen: " + profiles);
    }

    private void open(final String name, final SrtpProfile profile, final byte[] exporter,
        final List<Packet> capture) {
        try (SrtpKeys keys = new SrtpKeys(profile, exporter);
            SrtpReceiver receiver = keys.serverReceiver(engines)) {
            for (int i = 0; i < capture.size(); i++) {
                final Packet packet = capture.get(i);
                final UnsafeBuffer in = offHeap(packet.sealed());
                final UnsafeBuffer out = offHeap(new byte[packet.sealed().length]);
                final int length = packet.isRtcp()
                    ? receiver.unprotectRtcp(in, 0, in.capacity(), out, 0)
                    : receiver.unprotectRtp(in, 0, in.capacity(), out, 0);
                final String what = name + " packet " + i;
                assertEquals(packet.plain().length, length, what);
                assertEquals(HEX.formatHex(packet.plain()), HEX.formatHex(bytes(out), 0, length), what);
                assertEquals(SrtpResult.REPLAYED, packet.isRtcp()
                    ? receiver.unprotectRtcp(in, 0, in.capacity(), out, 0)
                    : receiver.unprotectRtp(in, 0, in.capacity(), out, 0), what);
            }
        }
    }

    private void seal(final String name, final SrtpProfile profile, final byte[] exporter,
        final List<Packet> capture) {
        final byte[] key = java.util.Arrays.copyOf(exporter, profile.keyLength());
        final byte[] salt = java.util.Arrays.copyOfRange(exporter, 2 * profile.keyLength(),
            2 * profile.keyLength() + profile.saltLength());
        final RtpHeader header = new RtpHeader();
        try (SrtpSender sender = new SrtpSender(profile, key, salt, engines)) {
            for (int i = 0; i < capture.size(); i++) {
                final Packet packet = capture.get(i);
                final UnsafeBuffer out = offHeap(new byte[packet.sealed().length]);
                final UnsafeBuffer plain = offHeap(packet.plain());
                final int length;
                if (packet.isRtcp()) {
                    out.putBytes(0, packet.plain());
                    final int word = BigEndian.i32(new UnsafeBuffer(packet.sealed()), packet.sealed().length - 4
                        - (profile.isAead() ? 0 : profile.rtcpTagLength()));
                    try (SrtpSender rtcp = new SrtpSender(SrtpTransform.of(profile, key, salt,
                        engines), word & Integer.MAX_VALUE)) {
                        length = rtcp.protectRtcp(out, 0, packet.plain().length);
                    }
                } else {
                    header.wrap(plain, 0, plain.capacity());
                    out.putBytes(0, packet.plain(), 0, header.headerLength());
                    length = sender.protectRtp(out, 0, header.headerLength(), plain, header.headerLength(),
                        plain.capacity() - header.headerLength());
                }
                assertEquals(packet.sealed().length, length, name + " packet " + i);
                assertEquals(HEX.formatHex(packet.sealed()), HEX.formatHex(bytes(out)), name + " packet " + i);
            }
        }
    }

    /** Off the heap, as on the packet path. */
    private static UnsafeBuffer offHeap(final byte[] bytes) {
        final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes.length));
        buffer.putBytes(0, bytes);
        return buffer;
    }

    private static byte[] bytes(final UnsafeBuffer buffer) {
        final byte[] bytes = new byte[buffer.capacity()];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    private static List<String> lines(final String name) throws IOException {
        try (InputStream in = SrtpCaptureTest.class.getResourceAsStream(name + ".jsonl")) {
            assertNotNull(in, name);
            return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).lines().toList();
        }
    }
}
