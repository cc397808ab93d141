package org.chevet.relay.client;

import org.chevet.codec.pack.SamplePacker;
import org.chevet.codec.vitals.sbe.SampleFormat;
import org.chevet.relay.client.e2ee.Sealer;

/** Seals the blocks of one stream; integer samples are packed first. One thread at a time. */
final class BlockSealer {
    private final StreamSpec spec;
    private final byte[] definitionHash;
    private final Sealer sealer;
    private final SamplePacker packer = new SamplePacker();

    BlockSealer(final EndToEnd endToEnd, final long instance, final StreamSpec spec) {
        this.spec = spec;
        definitionHash = SealedBlocks.definitionHash(endToEnd.participant(), instance, spec);
        sealer = new Sealer(endToEnd.keys(), SealedBlocks.kindOf(spec.kind()), endToEnd.participant(),
            endToEnd.random());
    }

    /** Room that {@link #seal} needs for a block. */
    static int room(final int payload) {
        return 1 + payload + Sealer.MAX_OVERHEAD;
    }

    /**
     * Seals a block.
     *
     * @param terms what else is authenticated, of an alert
     * @param payload samples as the stream has them; empty when the block is missing
     * @return bytes written at the start of out, or a negative code of {@link Sealer}
     */
    int seal(final long sequence, final long firstSample, final long deviceTimeNs, final int sampleCount,
        final int flags, final byte[] terms, final byte[] payload, final byte[] out) {
        final byte[] metadata = SealedBlocks.metadata(definitionHash, sequence, firstSample, deviceTimeNs, sampleCount,
            flags, terms);
        final byte[] plain = new byte[1 + payload.length];
        int length = 0;
        if ((flags & VitalsBlock.MISSING) == 0) {
            length = pack(sampleCount, payload, plain);
            if (length == SamplePacker.NOT_SMALLER) {
                plain[0] = SealedBlocks.PLAIN;
                System.arraycopy(payload, 0, plain, 1, payload.length);
                length = payload.length;
            }
            length++;
        }
        return sealer.sealAt(sequence, metadata, metadata.length, plain, 0, length, out, 0);
    }

    private int pack(final int sampleCount, final byte[] payload, final byte[] plain) {
        final int width = integerWidth(spec.sampleFormat());
        if (width == 0) {
            return SamplePacker.NOT_SMALLER;
        }
        plain[0] = SealedBlocks.PACKED;
        return packer.pack(width, spec.channels().size(), sampleCount, payload, 0, plain, 1);
    }

    /** Bytes of an integer sample; 0 when the format is none. */
    static int integerWidth(final SampleFormat format) {
        return switch (format) {
            case I16LE -> 2;
            case I24LE -> 3;
            case I32LE -> 4;
            default -> 0;
        };
    }
}
