package org.chevet.ops.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a poor network is asked to be, and that it is. */
class ImpairedLinkTest {
    private static final int SENT = 1000;

    @ParameterizedTest
    @CsvSource({"'128k,10%', 128000, 10", "'10%, 2M', 2000000, 10", "64000, 64000, 0", "'0.5%', 0, 0.5"})
    void termsAreReadAsPeopleWriteThem(final String text, final long rate, final double loss) {
        assertEquals(new ImpairedLink.Terms(rate, loss, ""), ImpairedLink.Terms.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fast", "128", "91%", "-1%", "NaN%", "12k,x%"})
    void otherTermsAreRefusedWithAWordOnWhatIsAccepted(final String text) {
        final String said = assertThrows(IllegalArgumentException.class,
            () -> ImpairedLink.Terms.parse(text)).getMessage();
        assertTrue(said.contains("accepted is"), said);
    }

    @Test
    void theNetworkLosesAboutAsManyAsItWasTold() throws IOException {
        final ImpairedLink link;
        try {
            link = ImpairedLink.create(new ImpairedLink.Terms(0, 20, ""));
        } catch (final IOException e) {
            Assumptions.abort("skipped: " + e.getMessage());
            return;
        }
        try (link; DatagramSocket here = new DatagramSocket(new InetSocketAddress(ImpairedLink.NEAR, 0))) {
            here.setSoTimeout(10_000);
            final Process there =
                new ProcessBuilder(sender(link, here.getLocalPort())).redirectErrorStream(true).start();
            final byte[] buffer = new byte[64];
            int received = 0;
            boolean last = false;
            while (!last) {
                final DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                try {
                    here.receive(packet);
                } catch (final SocketTimeoutException e) {
                    throw new IOException("nothing came any more; the sender said: " + said(there), e);
                }
                last = buffer[0] == 'e';
                received += last ? 0 : 1;
            }
            there.destroyForcibly();
            // 800 of 1000 on average; six standard deviations are 76.
            assertTrue(received > 724 && received < 876, received + " of " + SENT);
        }
    }

    private static String said(final Process process) throws IOException {
        process.destroyForcibly();
        try (InputStream in = process.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * A shell on the far side that sends the datagrams, fifty at a time so that none is lost in front of this busy
     * process, then goes on saying that it has.
     */
    private static List<String> sender(final ImpairedLink link, final int port) throws IOException {
        final List<String> command = new ArrayList<>(link.prefix());
        command.addAll(List.of("bash", "-c", "exec 3>/dev/udp/" + ImpairedLink.NEAR + "/" + port
            + "; for i in $(seq " + SENT + "); do printf x >&3; [ $((i % 50)) -ne 0 ] || sleep 0.02; done;"
            + " while printf e >&3; do sleep 0.05; done"));
        return command;
    }
}
