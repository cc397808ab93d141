package org.chevet.codec.vitals;

import org.chevet.codec.vitals.sbe.SampleFormat;

/** Sizes of sample formats. */
public final class SampleFormats {
    private SampleFormats() {
    }

    /** Bytes of one sample of one channel; 0 when a block's payload has no fixed size (UTF8, OPAQUE). */
    public static int bytesPerSample(final SampleFormat format) {
        return switch (format) {
            case I16LE -> 2;
            case I24LE -> 3;
            case I32LE, F32LE -> 4;
            case F64LE -> 8;
            default -> 0;
        };
    }
}
