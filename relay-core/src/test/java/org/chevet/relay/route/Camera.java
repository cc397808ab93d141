package org.chevet.relay.route;

import java.util.ArrayList;
import java.util.List;

/** A simulcast camera on the bench: VP8 with one packet per picture and layer, thirty pictures a second. */
final class Camera {
    private static final int STEP = 3000;

    final NegotiatedSection section;
    private final Bench bench;
    private final int peer;
    private final int firstSsrc;
    private final int[] bytes;
    private final int[] sequence;
    private final boolean[] keyNext;
    private final boolean[] stopped;
    private int requestsSeen;
    private int frame;

    /**
     * A camera of one layer per size; layers are called "0", "1" and so on.
     *
     * @param bytes payload bytes of each layer's pictures
     */
    Camera(final Bench bench, final int peer, final String mid, final String label, final int firstSsrc,
        final int... bytes) {
        this(bench, peer, mid, label, Bench.VP8, firstSsrc, bytes);
    }

    /** The same with a codec of the test's choice. */
    Camera(final Bench bench, final int peer, final String mid, final String label, final NegotiatedCodec codec,
        final int firstSsrc, final int... bytes) {
        this.bench = bench;
        this.peer = peer;
        this.firstSsrc = firstSsrc;
        this.bytes = bytes.clone();
        sequence = new int[bytes.length];
        keyNext = new boolean[bytes.length];
        stopped = new boolean[bytes.length];
        final List<OfferedSource> sources = new ArrayList<>();
        for (int i = 0; i < bytes.length; i++) {
            sources.add(new OfferedSource(String.valueOf(i), firstSsrc + i, 0));
        }
        section = new NegotiatedSection(mid, MediaKind.VIDEO, Flow.RECEIVE, List.of(codec),
            Bench.VIDEO_EXTENSIONS, true, true, sources, 0, 0, "", label);
    }

    /** The encoder gets as many bytes for the pictures of a layer from now on; 0 stops it. */
    void size(final int layer, final int size) {
        stopped[layer] = size == 0;
        bytes[layer] = size;
    }

    /** One picture of each layer, a key frame where one was asked for since the last. */
    void picture() {
        listen();
        frame++;
        for (int layer = 0; layer < bytes.length; layer++) {
            if (stopped[layer]) {
                continue;
            }
            final boolean key = keyNext[layer] || frame == 1;
            keyNext[layer] = false;
            final byte[] payload = new byte[bytes[layer]];
            payload[0] = 0x10;
            payload[1] = (byte) (key ? 0 : 1);
            payload[2] = (byte) layer;
            bench.packet(firstSsrc + layer, 96, sequence[layer]++ & 0xFFFF, frame * STEP, true);
            bench.withText(4, section.mid());
            bench.withText(10, String.valueOf(layer));
            bench.rtp(peer, payload);
        }
    }

    /** Reads the picture loss indications (RFC 4585 section 6.3.1) that came since. */
    private void listen() {
        final List<Bench.Report> reports = bench.reportsTo(peer);
        for (; requestsSeen < reports.size(); requestsSeen++) {
            final byte[] bytesOf = reports.get(requestsSeen).bytes();
            for (int at = 0; at + 12 <= bytesOf.length; at += 4 + 4 * ((bytesOf[at + 2] & 0xFF) << 8
                | (bytesOf[at + 3] & 0xFF))) {
                final int layer = bytesOf[at + 11] - firstSsrc;
                if ((bytesOf[at] & 0x1F) == 1 && (bytesOf[at + 1] & 0xFF) == 206 && layer >= 0
                    && layer < bytes.length) {
                    keyNext[layer] = true;
                }
            }
        }
    }
}
