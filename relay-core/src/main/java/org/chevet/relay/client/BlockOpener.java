package org.chevet.relay.client;

import java.util.Arrays;
import org.chevet.codec.pack.SampleUnpacker;
import org.chevet.relay.client.e2ee.Opener;
import org.jspecify.annotations.Nullable;

/** Opens the blocks of one stream of somebody else, and unpacks them. One thread at a time. */
final class BlockOpener {
    private final Opener opener;
    private final String participant;
    private final StreamSpec spec;
    private final byte[] definitionHash;
    private final SampleUnpacker unpacker = new SampleUnpacker();

    BlockOpener(final Opener opener, final String participant, final long instance, final StreamSpec spec) {
        this.opener = opener;
        this.participant = participant;
        this.spec = spec;
        definitionHash = SealedBlocks.definitionHash(participant, instance, spec);
    }

    /**
     * The samples as the stream has them; null when the block is not what its publisher sealed.
     *
     * @param terms what else is authenticated, of an alert
     */
    byte @Nullable [] open(final long sequence, final long firstSample, final long deviceTimeNs,
        final int sampleCount, final int flags, final byte[] terms, final byte[] payload, final long nowNs) {
        final byte[] metadata = SealedBlocks.metadata(definitionHash, sequence, firstSample, deviceTimeNs, sampleCount,
            flags, terms);
        final byte[] plain = new byte[payload.length];
        final int length = opener.open(SealedBlocks.kindOf(spec.kind()), participant, sequence, metadata,
            metadata.length, payload, 0, payload.length, plain, 0, nowNs);
        if (length < 0) {
            return null;
        }
        if ((flags & VitalsBlock.MISSING) != 0) {
            return length == 0 ? new byte[0] : null;
        }
        if (length == 0) {
            return null;
        }
        return plain[0] == SealedBlocks.PACKED ? unpack(sampleCount, plain, length)
            : plain[0] == SealedBlocks.PLAIN ? samples(sampleCount, plain, length) : null;
    }

    private byte @Nullable [] samples(final int sampleCount, final byte[] plain, final int length) {
        final int frame = spec.frameBytes();
        return frame == 0 || (long) frame * sampleCount == length - 1 ? Arrays.copyOfRange(plain, 1, length) : null;
    }

    private byte @Nullable [] unpack(final int sampleCount, final byte[] plain, final int length) {
        final int width = BlockSealer.integerWidth(spec.sampleFormat());
        final long bytes = (long) spec.frameBytes() * sampleCount;
        if (width == 0 || bytes > SampleUnpacker.MAX_BYTES) {
            return null;
        }
        final byte[] out = new byte[(int) bytes];
        final int written =
            unpacker.unpack(width, spec.channels().size(), sampleCount, plain, 1, length - 1, out, 0);
        return written == out.length ? out : null;
    }
}
