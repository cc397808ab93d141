package org.chevet.codec.sdp;

import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code a=simulcast} (RFC 8853 section 5.1).
 *
 * @param send streams the writer sends, an empty list when none; each is its alternatives, best first
 * @param receive streams the writer receives
 */
public record Simulcast(List<List<Alternative>> send, List<List<Alternative>> receive) implements SdpAttribute {
    /** Copies the lists. */
    public Simulcast {
        send = send.stream().map(List::copyOf).toList();
        receive = receive.stream().map(List::copyOf).toList();
    }

    /**
     * One way to encode a simulcast stream.
     *
     * @param rid its {@code a=rid}
     * @param paused true when it starts paused ({@code ~})
     */
    public record Alternative(String rid, boolean paused) {
        @Override
        public String toString() {
            return paused ? "~" + rid : rid;
        }
    }

    @Override
    public String key() {
        return "simulcast";
    }

    @Override
    public String value() {
        final String sent = send.isEmpty() ? "" : "send " + list(send);
        final String received = receive.isEmpty() ? "" : "recv " + list(receive);
        return sent.isEmpty() || received.isEmpty() ? sent + received : sent + " " + received;
    }

    private static String list(final List<List<Alternative>> streams) {
        return streams.stream()
            .map(stream -> stream.stream().map(Alternative::toString).collect(Collectors.joining(",")))
            .collect(Collectors.joining(";"));
    }
}
