package org.chevet.bench.vitals;

import java.nio.ByteBuffer;

/**
 * What is in a block: 200 bytes that mean nothing to a server, with stream, sequence and time of sending in front.
 *
 * <pre>
 *  0           8           12        20                200
 * +-----------+-----------+---------+-----------------+
 * | sent, ns  | stream    | sequence| filler          |
 * +-----------+-----------+---------+-----------------+
 * </pre>
 */
final class Payload {
    static final int BYTES = 200;
    private static final int STREAM_AT = 8;
    private static final int SEQUENCE_AT = 12;
    private static final int HEAD_BYTES = 20;
    private static final byte[] FILLER = filler();

    private Payload() {
    }

    static void put(final ByteBuffer out, final int stream, final long sequence, final long stampNs) {
        out.putLong(stampNs).putInt(stream).putLong(sequence).put(FILLER);
    }

    static long stampNs(final ByteBuffer in, final int at) {
        return in.getLong(at);
    }

    static int stream(final ByteBuffer in, final int at) {
        return in.getInt(at + STREAM_AT);
    }

    static long sequence(final ByteBuffer in, final int at) {
        return in.getLong(at + SEQUENCE_AT);
    }

    private static byte[] filler() {
        final byte[] bytes = new byte[BYTES - HEAD_BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + 7);
        }
        return bytes;
    }
}
