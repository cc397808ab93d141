package org.chevet.relay.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.stun.StunIntegrity;
import org.chevet.codec.stun.StunMessage;
import org.chevet.codec.wire.TransportAddress;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whole STUN conversations of real clients through the agent: its answers are those the clients took, to the bit. */
@Tag("REQ-O21")
class IceCaptureTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final List<String> CAPTURES = List.of("aiortc14", "chromium156",
        "chromium156-dtls-in-stun-fieldtrial", "chromium156-ice-restart", "chromium156-no-dtls-answer",
        "chromium156-tcp", "firefox153", "firefox153-ice-restart", "firefox153-tcp", "gstreamer122", "pion31",
        "webrtcjava014", "werift025", "wrtc010");
    private static final Pattern CREDENTIALS = Pattern.compile("ice-ufrag=(\\S+) ice-pwd=(\\S+)");
    /**
     * Chromium's first check after an ICE restart, with its own new ufrag but the relay's old one. The capture's answer
     * was signed with the new ice-pwd, and Chromium asked again; ours is signed with that of the request.
     */
    private static final String OTHER_KEY = "chromium156-ice-restart at 2685 ms";
    private static final long NS_PER_MS = 1_000_000;

    /** One datagram of a capture. */
    private record Line(boolean isIn, long ms, TransportAddress peer, String hex) {
    }

    @Test
    void everyConversationIsAnsweredAsTheClientAcceptedIt() throws IOException {
        int checks = 0;
        int exact = 0;
        int indications = 0;
        for (final String name : CAPTURES) {
            final List<String[]> credentials = new ArrayList<>();
            final List<Line> lines = read(name, credentials);
            final long startNs = lines.getFirst().ms() * NS_PER_MS;
            final IceAgent agent =
                new IceAgent(credentials.getFirst()[0], credentials.getFirst()[1], 15_000, 30_000, startNs);
            final byte[] restartedUser = credentials.size() > 1 ? (credentials.get(1)[0] + ":").getBytes(
                StandardCharsets.US_ASCII) : new byte[0];
            boolean restarted = false;
            int expected = 0;
            for (final Line line : lines) {
                final String what = name + " at " + line.ms() + " ms";
                final long nowNs = line.ms() * NS_PER_MS;
                if (!line.isIn()) {
                    final String answer = poll(agent, nowNs);
                    if (OTHER_KEY.equals(what)) {
                        verify(answer, credentials.getFirst()[1]);
                    } else {
                        assertEquals(line.hex(), answer, what);
                        exact++;
                    }
                    assertEquals(line.peer(), agent.transmitTo(), what);
                    expected--;
                    continue;
                }
                assertEquals(0, expected, what + ": an answer is owed");
                if (!restarted && restartedUser.length > 0 && line.hex().contains(HEX.formatHex(restartedUser))) {
                    final TransportAddress before = agent.selectedTo();
                    agent.restart(credentials.get(1)[0], credentials.get(1)[1], nowNs);
                    assertEquals(before, agent.selectedTo(), what + ": sending goes on");
                    restarted = true;
                }
                final UnsafeBuffer in = new UnsafeBuffer(HEX.parseHex(line.hex()));
                final int disposition = agent.handleStun(in, 0, in.capacity(), 0, line.peer(), nowNs);
                if (line.hex().startsWith("0011")) {
                    assertEquals(IceAgent.IGNORED, disposition, what);
                    assertEquals("", poll(agent, nowNs), what);
                    indications++;
                } else {
                    assertEquals(IceAgent.ANSWERED, disposition, what);
                    assertTrue(agent.isValidated(0, line.peer()), what);
                    expected++;
                    checks++;
                }
                if (agent.state() == IceAgent.State.SELECTED) {
                    agent.onConnected(nowNs);
                }
                agent.handleTimeout(nowNs);
            }
            assertEquals(restartedUser.length > 0, restarted, name);
            assertEquals(IceAgent.State.SELECTED, agent.state(), name + " nominated a pair");
            if (restarted) {
                assertNotEquals(lines.getFirst().peer(), agent.selectedTo(), name + ": the new address is used");
            }
        }
        assertEquals(92, checks);
        assertEquals(91, exact);
        assertEquals(2, indications);
    }

    private static String poll(final IceAgent agent, final long nowNs) {
        final byte[] out = new byte[IceAgent.MAX_ANSWER];
        return HEX.formatHex(out, 0, agent.pollTransmit(new UnsafeBuffer(out), 0, nowNs));
    }

    private static void verify(final String answer, final String password) {
        final UnsafeBuffer buffer = new UnsafeBuffer(HEX.parseHex(answer));
        final StunMessage message = new StunMessage();
        assertTrue(message.wrap(buffer, 0, buffer.capacity()));
        assertTrue(new StunIntegrity(password.getBytes(StandardCharsets.US_ASCII)).verify(message));
    }

    private static List<Line> read(final String name, final List<String[]> credentials) throws IOException {
        final List<Line> lines = new ArrayList<>();
        try (InputStream in = IceCaptureTest.class.getResourceAsStream(name + ".hex")) {
            if (in == null) {
                throw new IOException("no capture " + name);
            }
            for (final String line : new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).lines()
                .toList()) {
                if (line.startsWith("# server")) {
                    final Matcher matcher = CREDENTIALS.matcher(line);
                    while (matcher.find()) {
                        credentials.add(new String[] {matcher.group(1), matcher.group(2)});
                    }
                } else if (!line.startsWith("#")) {
                    final String[] parts = line.split(" ", -1);
                    final int colon = parts[2].lastIndexOf(':');
                    lines.add(new Line("in".equals(parts[0]), Long.parseLong(parts[1]), TransportAddress.ofBytes(
                        InetAddress.getByName(parts[2].substring(0, colon)).getAddress(),
                        Integer.parseInt(parts[2].substring(colon + 1))), parts[3]));
                }
            }
        }
        return lines;
    }
}
