package org.chevet.codec.pack;

/** Little-endian integers of 2, 3 or 4 bytes. */
final class Samples {
    private Samples() {
    }

    static int read(final byte[] in, final int at, final int width) {
        int value = in[at + width - 1];
        for (int i = width - 2; i >= 0; i--) {
            value = value << Byte.SIZE | (in[at + i] & 0xFF);
        }
        return value;
    }

    static void write(final byte[] out, final int at, final int width, final int value) {
        for (int i = 0; i < width; i++) {
            out[at + i] = (byte) (value >> (Byte.SIZE * i));
        }
    }

    static boolean fits(final int value, final int width) {
        final int unused = Integer.SIZE - width * Byte.SIZE;
        return value << unused >> unused == value;
    }
}
