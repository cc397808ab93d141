package org.chevet.relay.net;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * A {@link LinuxSocket} on the lane's event loop: Netty waits for it, and neither copies nor makes an object for a
 * datagram. Lane thread only.
 */
final class WatchedSocket implements EpollIoHandle {
    private static final EpollIoOps READ = EpollIoOps.EPOLLIN;
    private static final EpollIoOps READ_AND_WRITE = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLOUT);

    private final LaneThread thread;
    private final int number;
    private final LinuxSocket socket;
    private final FileDescriptor descriptor;
    private @Nullable IoRegistration registration;
    private boolean waitsForRoom;

    /** Watches a socket, whose number in the lane is given. */
    WatchedSocket(final LaneThread thread, final int number, final LinuxSocket socket) {
        this.thread = thread;
        this.number = number;
        this.socket = socket;
        descriptor = new FileDescriptor(socket.descriptor());
    }

    /** Starts to wait. */
    void start(final IoRegistration newRegistration) {
        registration = newRegistration;
        newRegistration.submit(READ);
    }

    /** Asks to be told when what the kernel did not take can go. */
    void listen() {
        final IoRegistration current = registration;
        if (socket.out().isBlocked() != waitsForRoom && current != null && current.isValid()) {
            waitsForRoom = socket.out().isBlocked();
            current.submit(waitsForRoom ? READ_AND_WRITE : READ);
        }
    }

    @Override
    public FileDescriptor fd() {
        return descriptor;
    }

    @Override
    public void handle(final IoRegistration from, final IoEvent event) {
        final EpollIoOps ready = ((EpollIoEvent) event).ops();
        if (ready.contains(EpollIoOps.EPOLLOUT)) {
            socket.out().flush(true);
            listen();
        }
        // An error of an earlier send comes as EPOLLERR and is taken away by the next call.
        if (ready.contains(EpollIoOps.EPOLLIN) || ready.contains(EpollIoOps.EPOLLERR)) {
            thread.onReadable(number, socket.in());
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
