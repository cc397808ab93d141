package org.chevet.ops.browser;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** TCP between a page and a relay that can be cut in the middle, as a proxy that restarts does. Any thread. */
final class CuttableProxy implements AutoCloseable {
    private final ServerSocket listening;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    CuttableProxy(final int target) throws IOException {
        this.target = target;
        listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Ends every connection without a word of WebSocket or TLS; new ones are taken as before. */
    int cut() {
        final Set<Socket> cut = Set.copyOf(open);
        cut.forEach(CuttableProxy::end);
        return cut.size();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                final Socket in = listening.accept();
                final Socket out = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(in);
                open.add(out);
                Thread.ofVirtual().start(() -> carry(in, out));
                Thread.ofVirtual().start(() -> carry(out, in));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void carry(final Socket from, final Socket to) {
        try (from; to) {
            final InputStream in = from.getInputStream();
            final OutputStream out = to.getOutputStream();
            final byte[] buffer = new byte[65_536];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
                out.flush();
            }
        } catch (IOException closed) {
            // The other direction ends with it.
            return;
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void end(final Socket socket) {
        try {
            socket.close();
        } catch (IOException closed) {
            return;
        }
    }
}
