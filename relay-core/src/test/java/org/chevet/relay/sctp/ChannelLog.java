package org.chevet.relay.sctp;

import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** Notes which channels ended. */
final class ChannelLog implements DataChannelListener {
    final List<DataChannel> closed = new ArrayList<>();

    @Override
    public void onReady() {
    }

    @Override
    public void onOpen(final DataChannel channel) {
    }

    @Override
    public void onMessage(final DataChannel channel, final boolean binary, final DirectBuffer buffer, final int offset,
        final int length) {
    }

    @Override
    public void onBufferedAmountLow(final DataChannel channel) {
    }

    @Override
    public void onClosed(final DataChannel channel) {
        closed.add(channel);
    }

    @Override
    public void onEnd(final SctpListener.End reason) {
    }
}
