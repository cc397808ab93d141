package org.chevet.relay.srtp;

import java.lang.ref.Reference;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * {@link AeadEngine} by OpenSSL's libcrypto: a context each for sealing and opening keeps the expanded key, only the
 * nonce is set per packet. Straight from source to destination, no garbage.
 *
 * <p>{@link #open} decrypts before the tag is known; when the tag is wrong, which the library finds in constant time,
 * the output is overwritten with zeros before the call returns. One thread.
 */
final class LibcryptoAeadEngine implements AeadEngine {
    private static final int NONCE = 0;
    private static final int WRITTEN = 16;
    /** Where the library's last call, which writes nothing for GCM, may write a block. */
    private static final int REST = 32;
    private static final int TAG = 64;
    private static final int LENGTH = TAG + TAG_LENGTH;

    private final LibcryptoLibrary library;
    private final NativeMemory memory = new NativeMemory(LENGTH);
    private final UnsafeBuffer bytes = memory.bytes();
    private final HeapStage stage = new HeapStage();
    private final long nonceAt = memory.address(NONCE);
    private final long written = memory.address(WRITTEN);
    private final long rest = memory.address(REST);
    private final long tagAt = memory.address(TAG);
    private final long sealing;
    private final long opening;
    private boolean closed;

    /** Expands the key, which is only read. */
    LibcryptoAeadEngine(final LibcryptoLibrary library, final byte[] key) {
        this.library = library;
        final long cipher = library.gcm(key.length);
        final NativeMemory clear = new NativeMemory(key.length);
        clear.bytes().putBytes(0, key);
        sealing = library.context(cipher, clear.address(0), 1);
        opening = library.context(cipher, clear.address(0), 0);
        clear.release();
    }

    @Override
    public boolean seal(final byte[] nonce, final DirectBuffer aad, final int aadOffset, final int aadLength,
        final DirectBuffer in, final int inOffset, final int length, final MutableDirectBuffer out,
        final int outOffset) {
        if (closed || aadLength > MAX_LENGTH || length > MAX_LENGTH) {
            return false;
        }
        final long aadAt = stage.aad(aad, aadOffset, aadLength);
        final long from = stage.in(in, inOffset, length);
        final long to = stage.out(out, outOffset, length + TAG_LENGTH);
        try {
            final boolean sealed = crypt(sealing, nonce, aadAt, aadLength, from, length, to)
                && library.finish(sealing, rest, written) && library.readTag(sealing, to + length);
            stage.finish(out, outOffset, length + TAG_LENGTH);
            return sealed;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public boolean open(final byte[] nonce, final DirectBuffer aad, final int aadOffset, final int aadLength,
        final DirectBuffer in, final int inOffset, final int length, final MutableDirectBuffer out,
        final int outOffset) {
        if (closed || aadLength > MAX_LENGTH || length > MAX_LENGTH) {
            return false;
        }
        in.boundsCheck(inOffset, length + TAG_LENGTH);
        final long aadAt = stage.aad(aad, aadOffset, aadLength);
        final long from = stage.in(in, inOffset, length);
        final long to = stage.out(out, outOffset, length);
        try {
            bytes.putBytes(TAG, in, inOffset + length, TAG_LENGTH);
            final boolean authentic = crypt(opening, nonce, aadAt, aadLength, from, length, to)
                && library.expectTag(opening, tagAt) && library.finish(opening, rest, written);
            if (authentic) {
                stage.finish(out, outOffset, length);
            } else if (NativeMemory.isNative(out)) {
                out.setMemory(outOffset, length, (byte) 0);
            }
            return authentic;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Nonce, additional data, data; the library wants no call for what is empty. */
    private boolean crypt(final long context, final byte[] nonce, final long aad, final int aadLength, final long from,
        final int length, final long to) {
        bytes.putBytes(NONCE, nonce, 0, NONCE_LENGTH);
        return library.nonce(context, nonceAt)
            && (aadLength == 0 || library.update(context, 0, written, aad, aadLength))
            && (length == 0 || library.update(context, to, written, from, length));
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            library.free(sealing);
            library.free(opening);
            memory.release();
            stage.release();
        }
    }
}
