package org.chevet.relay.net;

import org.agrona.DirectBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.lane.DatagramPort;
import org.chevet.relay.lane.LaneTurns;

/** A lane that does nothing; tests override what they are about. */
class QuietTurns implements LaneTurns {
    @Override
    public void onDatagram(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length, final long receivedNs, final long nowNs) {
        // Nobody listens.
    }

    @Override
    public void endTurn(final DatagramPort port, final long nowNs) {
        // There is nothing to send.
    }

    @Override
    public void handedOver(final long nowNs) {
        // Nothing is timed.
    }

    @Override
    public boolean isBound(final int socket) {
        return false;
    }

    @Override
    public void onStreamClosed(final int socket) {
        // There are none.
    }

    @Override
    public long nextDeadlineNs() {
        return Long.MAX_VALUE;
    }
}
