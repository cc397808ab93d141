package org.chevet.relay.sctp;

/**
 * Bounds and choices of one association. Immutable.
 *
 * @param localPort SCTP port of ours ({@code a=sctp-port}), 1 to 65535
 * @param remotePort SCTP port of the peer
 * @param receiveWindow bytes of user data held for reordering and reassembly, advertised to the peer
 * @param maxReceiveMessage largest message taken, in bytes ({@code a=max-message-size} of ours); at most the
 *     window, in which its parts wait for each other
 * @param maxSendMessage largest message sent, in bytes ({@code a=max-message-size} of the peer)
 * @param sendBuffer bytes of messages held that are not yet acknowledged, over all streams, next to a bound of 4096
 *     messages; a quarter of both is kept for streams of {@link SctpAssociation#PRIORITY_HIGH} and above
 * @param interleaving whether I-DATA (RFC 8260) is offered
 */
public record SctpConfig(int localPort, int remotePort, int receiveWindow, int maxReceiveMessage, int maxSendMessage,
    int sendBuffer, boolean interleaving) {
    /** Port of every browser. */
    public static final int DEFAULT_PORT = 5000;
    /** Default of window and message sizes: 256 KiB. */
    public static final int DEFAULT_SIZE = 262_144;
    /** Default of the send buffer: 1 MiB. */
    public static final int DEFAULT_SEND_BUFFER = 1_048_576;
    /** Smallest window (RFC 9260 section 3.3.2). */
    public static final int MIN_WINDOW = 1500;
    /** Largest of every size: 64 MiB. */
    public static final int MAX_SIZE = 1 << 26;

    /** What the relay uses where nothing else is said. */
    public static final SctpConfig DEFAULT = new SctpConfig(DEFAULT_PORT, DEFAULT_PORT, DEFAULT_SIZE, DEFAULT_SIZE,
        DEFAULT_SIZE, DEFAULT_SEND_BUFFER, true);

    /** Refuses ports and sizes out of range. */
    public SctpConfig {
        checkRange("localPort", localPort, 1, 0xFFFF);
        checkRange("remotePort", remotePort, 1, 0xFFFF);
        checkRange("receiveWindow", receiveWindow, MIN_WINDOW, MAX_SIZE);
        checkRange("maxReceiveMessage", maxReceiveMessage, 1, receiveWindow);
        checkRange("maxSendMessage", maxSendMessage, 1, MAX_SIZE);
        checkRange("sendBuffer", sendBuffer, 1, MAX_SIZE);
    }

    private static void checkRange(final String name, final int value, final int from, final int to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(name + ": " + value + ", accepted: " + from + " to " + to);
        }
    }
}
