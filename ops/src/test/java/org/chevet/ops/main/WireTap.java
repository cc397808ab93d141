package org.chevet.ops.main;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * TCP between clients and a relay that keeps what went over it, as anybody on the way can. What clients say in a
 * WebSocket is read without its mask (RFC 6455 section 5.3), which hides nothing from anybody. Any thread.
 */
final class WireTap implements AutoCloseable {
    private static final int HEAD_END = 0x0D0A0D0A;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;

    private final ServerSocket listening;
    private final int target;
    private final List<ByteArrayOutputStream> up = new CopyOnWriteArrayList<>();
    private final List<ByteArrayOutputStream> down = new CopyOnWriteArrayList<>();

    WireTap(final int target) throws IOException {
        this.target = target;
        listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Names of the patterns in what clients said. */
    Set<String> findUp(final Map<String, byte[]> patterns) {
        final Set<String> found = new TreeSet<>();
        up.forEach(bytes -> found.addAll(ProcessMemory.find(unmasked(bytes.toByteArray()), patterns)));
        return found;
    }

    /** Names of the patterns in what the relay said. */
    Set<String> findDown(final Map<String, byte[]> patterns) {
        final Set<String> found = new TreeSet<>();
        down.forEach(bytes -> found.addAll(ProcessMemory.find(bytes.toByteArray(), patterns)));
        return found;
    }

    /** Payloads of all whole frames after the request, one after the other. */
    static byte[] unmasked(final byte[] sent) {
        final ByteBuffer in = ByteBuffer.wrap(sent);
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (in.remaining() >= Integer.BYTES && in.getInt(in.position()) != HEAD_END) {
            in.get();
        }
        in.position(Math.min(in.limit(), in.position() + Integer.BYTES));
        while (in.remaining() >= 14) {
            in.get();
            final int first = in.get() & 0x7F;
            final long length = first == LENGTH_16 ? in.getShort() & 0xFFFF : first == LENGTH_64 ? in.getLong() : first;
            final byte[] mask = new byte[Integer.BYTES];
            in.get(mask);
            if (length > in.remaining()) {
                break;
            }
            for (int i = 0; i < length; i++) {
                out.write(in.get() ^ mask[i & 3]);
            }
        }
        return out.toByteArray();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                final Socket client = listening.accept();
                final Socket relay = new Socket(InetAddress.getLoopbackAddress(), target);
                final ByteArrayOutputStream said = new ByteArrayOutputStream();
                final ByteArrayOutputStream heard = new ByteArrayOutputStream();
                up.add(said);
                down.add(heard);
                Thread.ofVirtual().start(() -> carry(client, relay, said));
                Thread.ofVirtual().start(() -> carry(relay, client, heard));
            } catch (final IOException closed) {
                return;
            }
        }
    }

    private static void carry(final Socket from, final Socket to, final ByteArrayOutputStream kept) {
        try (from; to) {
            final InputStream in = from.getInputStream();
            final OutputStream out = to.getOutputStream();
            final byte[] buffer = new byte[65_536];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                kept.write(buffer, 0, n);
                out.write(buffer, 0, n);
                out.flush();
            }
        } catch (final IOException closed) {
            // The other direction ends with it.
            return;
        }
    }
}
