package org.chevet.relay.sctp;

import org.agrona.DirectBuffer;

/**
 * What the data channels of one peer tell their owner. The same calls back are allowed as from {@link SctpListener},
 * and {@code open}, {@code send} and {@code close} of {@link DataChannels}.
 */
public interface DataChannelListener {
    /** Channels can be opened and may come. */
    void onReady();

    /** A channel is usable: the peer opened it, or answered ours. */
    void onOpen(DataChannel channel);

    /** A whole message; {@code length} may be 0. The bytes are borrowed for the call. */
    void onMessage(DataChannel channel, boolean binary, DirectBuffer buffer, int offset, int length);

    /** The bytes held for the channel fell to its low-water mark. */
    void onBufferedAmountLow(DataChannel channel);

    /** The channel ended, by either side or with the association; called once. */
    void onClosed(DataChannel channel);

    /** The association ended; its channels were closed before. */
    void onEnd(SctpListener.End end);
}
