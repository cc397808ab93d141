package org.chevet.relay.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.stats.DropReason;

/** From one socket into the lane: the only place where received bytes are a Netty buffer. */
final class DatagramInput extends ChannelInboundHandlerAdapter {
    /** Remote addresses remembered, so that a known sender costs no object. */
    private static final int MAX_ADDRESSES = 16_384;

    private final LaneThread thread;
    private final int socket;
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private final Map<InetSocketAddress, TransportAddress> addresses = new HashMap<>();
    private long batchNs = Long.MIN_VALUE;

    DatagramInput(final LaneThread thread, final int socket) {
        this.thread = thread;
        this.socket = socket;
    }

    @Override
    public void channelRead(final ChannelHandlerContext context, final Object message) {
        try {
            if (message instanceof DatagramPacket packet) {
                if (batchNs == Long.MIN_VALUE) {
                    batchNs = thread.turns().nowNs();
                }
                final ByteBuf bytes = packet.content();
                final int length = bytes.readableBytes();
                wrap(bytes, length);
                thread.turns().onDatagram(socket, addressOf(packet.sender()), view, 0, length, batchNs, batchNs);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(final ChannelHandlerContext context) {
        batchNs = Long.MIN_VALUE;
        thread.endTurn();
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext context, final Throwable cause) {
        // Port unreachable and the like of an earlier send: the peer's liveness decides, not this.
        thread.turns().stats().drop(DropReason.SEND_FAILED);
    }

    private void wrap(final ByteBuf bytes, final int length) {
        if (bytes.hasMemoryAddress()) {
            view.wrap(bytes.memoryAddress() + bytes.readerIndex(), length);
        } else {
            view.wrap(bytes.nioBuffer(), 0, length);
        }
    }

    private TransportAddress addressOf(final InetSocketAddress sender) {
        TransportAddress address = addresses.get(sender);
        if (address == null) {
            if (addresses.size() >= MAX_ADDRESSES) {
                addresses.clear();
            }
            address = TransportAddress.ofBytes(sender.getAddress().getAddress(), sender.getPort());
            addresses.put(sender, address);
        }
        return address;
    }
}
