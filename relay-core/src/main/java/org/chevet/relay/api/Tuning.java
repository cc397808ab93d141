package org.chevet.relay.api;

import java.util.List;

/**
 * How a relay uses the machine; the defaults suit every one. Made with {@link #defaults()} and the {@code with}
 * methods. Immutable.
 *
 * @param crypto what seals and opens SRTP: "auto" for the fastest that is usable, or "ipsec-mb", "libcrypto", "jce"
 * @param segmenting equal datagrams to one receiver leave as one message that the kernel cuts (UDP GSO), where it can
 * @param singlePort all lanes share one media port; a datagram that reaches the wrong lane is handed over. Linux only
 * @param spinning lanes look for datagrams without ever sleeping: lower latency, one processor per lane always busy
 * @param processors lane i stays on the processor at i modulo their number; empty for any. Linux only
 * @param bandwidth bounds of what is sent to one receiver
 */
public record Tuning(String crypto, boolean segmenting, boolean singlePort, boolean spinning,
    List<Integer> processors, Bandwidth bandwidth) {
    /** Copies the list. */
    public Tuning {
        processors = List.copyOf(processors);
    }

    /** The fastest cryptography and sockets that are usable, a port per lane, nothing pinned. */
    public static Tuning defaults() {
        return new Tuning("auto", true, false, false, List.of(), Bandwidth.defaults());
    }

    /** The same with other cryptography; a relay does not start when it cannot be used. */
    public Tuning withCrypto(final String newCrypto) {
        return new Tuning(newCrypto, segmenting, singlePort, spinning, processors, bandwidth);
    }

    /** The same with or without UDP GSO. */
    public Tuning withSegmenting(final boolean newSegmenting) {
        return new Tuning(crypto, newSegmenting, singlePort, spinning, processors, bandwidth);
    }

    /** The same with one media port for all lanes, or one for each. */
    public Tuning withSinglePort(final boolean newSinglePort) {
        return new Tuning(crypto, segmenting, newSinglePort, spinning, processors, bandwidth);
    }

    /** The same with lanes that spin, or sleep. */
    public Tuning withSpinning(final boolean newSpinning) {
        return new Tuning(crypto, segmenting, singlePort, newSpinning, processors, bandwidth);
    }

    /** The same on other processors. */
    public Tuning withProcessors(final List<Integer> newProcessors) {
        return new Tuning(crypto, segmenting, singlePort, spinning, newProcessors, bandwidth);
    }

    /** The same with other bounds of what is sent to one receiver. */
    public Tuning withBandwidth(final Bandwidth newBandwidth) {
        return new Tuning(crypto, segmenting, singlePort, spinning, processors, newBandwidth);
    }
}
