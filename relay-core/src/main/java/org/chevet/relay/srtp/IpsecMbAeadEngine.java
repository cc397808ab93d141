package org.chevet.relay.srtp;

import java.lang.ref.Reference;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * {@link AeadEngine} by libIPSec_MB: one call per packet, straight from source to destination, no garbage.
 *
 * <p>{@link #open} decrypts before the tag is known; when the tag is wrong the output is overwritten with zeros before
 * the call returns. One thread. {@link #close} overwrites the expanded key, the context and what was staged.
 */
final class IpsecMbAeadEngine implements AeadEngine {
    private static final int KEY_DATA = 0;
    /** Behind the key data, again at a cache line. */
    private static final int CONTEXT = IpsecMbLibrary.KEY_DATA_LENGTH + 16;
    private static final int NONCE = CONTEXT + IpsecMbLibrary.CONTEXT_LENGTH + 8;
    private static final int TAG = NONCE + 16;
    private static final int LENGTH = TAG + TAG_LENGTH;

    private final IpsecMbLibrary.Functions functions;
    private final NativeMemory memory = new NativeMemory(LENGTH);
    private final UnsafeBuffer bytes = memory.bytes();
    private final HeapStage stage = new HeapStage();
    private final long keyData = memory.address(KEY_DATA);
    private final long context = memory.address(CONTEXT);
    private final long nonceAt = memory.address(NONCE);
    private final long tagAt = memory.address(TAG);
    private boolean closed;

    /** Expands the key, which is only read. */
    IpsecMbAeadEngine(final IpsecMbLibrary library, final byte[] key) {
        functions = library.functions(key.length);
        final NativeMemory clear = new NativeMemory(key.length);
        clear.bytes().putBytes(0, key);
        functions.expand(clear.address(0), keyData);
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
            bytes.putBytes(NONCE, nonce, 0, NONCE_LENGTH);
            functions.seal(keyData, context, to, from, length, nonceAt, aadAt, aadLength, to + length);
            stage.finish(out, outOffset, length + TAG_LENGTH);
            return true;
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
            bytes.putBytes(NONCE, nonce, 0, NONCE_LENGTH);
            functions.open(keyData, context, to, from, length, nonceAt, aadAt, aadLength, tagAt);
            final boolean authentic = isTag(in, inOffset + length);
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

    /** Compares both halves always: the time it takes must not tell how much of a guessed tag was right. */
    private boolean isTag(final DirectBuffer in, final int offset) {
        final long first = bytes.getLong(TAG) ^ in.getLong(offset);
        final long second = bytes.getLong(TAG + Long.BYTES) ^ in.getLong(offset + Long.BYTES);
        return (first | second) == 0;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            memory.release();
            stage.release();
        }
    }
}
