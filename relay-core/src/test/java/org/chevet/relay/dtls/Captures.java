package org.chevet.relay.dtls;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/** What real clients sent, out of the capture files. */
final class Captures {
    static final List<String> CLIENT_HELLOS = List.of("aiortc14", "chromium156", "chromium156-nopqc", "firefox153",
        "gstreamer122", "pion31", "webrtcjava014", "werift025", "wrtc010");
    static final List<String> HANDSHAKES = List.of("aiortc14", "chromium156", "chromium156-as-dtls-server",
        "chromium156-datachannel", "chromium156-reject-profile-not-offered", "firefox153",
        "firefox153-as-dtls-server", "gstreamer122", "pion31", "webrtcjava014", "werift025", "wrtc010");

    private Captures() {
    }

    /** The datagrams of the client, in order. */
    static List<byte[]> fromClient(final String file) throws IOException {
        try (InputStream in = Captures.class.getResourceAsStream(file + ".hex")) {
            if (in == null) {
                throw new IOException("no capture " + file);
            }
            return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).lines()
                .filter(line -> line.startsWith("in ")).map(line -> HexFormat.of().parseHex(line.split(" ", -1)[2]))
                .toList();
        }
    }
}
