package org.chevet.relay.srtp;

import java.lang.ref.Reference;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.BigEndian;

/**
 * {@link CounterModeEngine} by OpenSSL's libcrypto: a context keeps the expanded AES key, and HMAC-SHA1 starts from
 * its two pads already hashed (RFC 2104 section 4). Straight from source to destination, no garbage. One thread.
 */
final class LibcryptoCounterModeEngine implements CounterModeEngine {
    private static final int BLOCK_LENGTH = 64;
    private static final byte INNER_PAD = 0x36;
    private static final byte OUTER_PAD = 0x5C;
    private static final int CONTEXT = LibcryptoLibrary.SHA1_CONTEXT_LENGTH;
    private static final int INNER = 0;
    private static final int OUTER = INNER + CONTEXT;
    private static final int WORK = OUTER + CONTEXT;
    private static final int PAD = WORK + CONTEXT;
    private static final int IV = PAD + BLOCK_LENGTH;
    private static final int DIGEST = IV + IV_LENGTH;
    private static final int WORD = DIGEST + DIGEST_LENGTH;
    private static final int WRITTEN = WORD + Integer.BYTES;
    private static final int LENGTH = WRITTEN + Integer.BYTES;

    private final LibcryptoLibrary library;
    private final NativeMemory memory = new NativeMemory(LENGTH);
    private final UnsafeBuffer bytes = memory.bytes();
    private final HeapStage stage = new HeapStage();
    private final long work = memory.address(WORK);
    private final long ivAt = memory.address(IV);
    private final long digestAt = memory.address(DIGEST);
    private final long wordAt = memory.address(WORD);
    private final long written = memory.address(WRITTEN);
    private final long cipher;
    private boolean closed;

    /** Expands the keys, which are only read. */
    LibcryptoCounterModeEngine(final LibcryptoLibrary library, final byte[] encryptionKey,
        final byte[] authenticationKey) {
        if (encryptionKey.length != KEY_LENGTH || authenticationKey.length > MAX_AUTHENTICATION_KEY_LENGTH) {
            throw new IllegalArgumentException("keys have " + KEY_LENGTH + " and at most "
                + MAX_AUTHENTICATION_KEY_LENGTH + " bytes, not " + encryptionKey.length + " and "
                + authenticationKey.length);
        }
        this.library = library;
        final NativeMemory clear = new NativeMemory(KEY_LENGTH);
        clear.bytes().putBytes(0, encryptionKey);
        cipher = library.context(library.counterMode(), clear.address(0), 1);
        clear.release();
        pad(INNER, INNER_PAD, authenticationKey);
        pad(OUTER, OUTER_PAD, authenticationKey);
        bytes.setMemory(PAD, BLOCK_LENGTH, (byte) 0);
    }

    private void pad(final int context, final byte with, final byte[] key) {
        bytes.setMemory(PAD, BLOCK_LENGTH, with);
        for (int i = 0; i < key.length; i++) {
            bytes.putByte(PAD + i, (byte) (key[i] ^ with));
        }
        if (!library.hashInit(memory.address(context))
            || !library.hash(memory.address(context), memory.address(PAD), BLOCK_LENGTH)) {
            throw new IllegalStateException(LibcryptoLibrary.NAME + " has SHA-1 but does not hash");
        }
    }

    @Override
    public boolean crypt(final byte[] iv, final DirectBuffer in, final int inOffset, final int length,
        final MutableDirectBuffer out, final int outOffset) {
        if (closed || length > AeadEngine.MAX_LENGTH) {
            return false;
        }
        final long from = stage.in(in, inOffset, length);
        final long to = stage.out(out, outOffset, length);
        try {
            bytes.putBytes(IV, iv, 0, IV_LENGTH);
            final boolean done = library.nonce(cipher, ivAt)
                && (length == 0 || library.update(cipher, to, written, from, length));
            stage.finish(out, outOffset, length);
            return done;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public boolean authenticate(final DirectBuffer message, final int offset, final int length, final int word,
        final byte[] digest) {
        if (closed || length > AeadEngine.MAX_LENGTH) {
            return false;
        }
        final long from = stage.in(message, offset, length);
        try {
            BigEndian.put32(bytes, WORD, word);
            bytes.putBytes(WORK, bytes, INNER, CONTEXT);
            boolean done = library.hash(work, from, length) && library.hash(work, wordAt, Integer.BYTES)
                && library.hashFinal(digestAt, work);
            bytes.putBytes(WORK, bytes, OUTER, CONTEXT);
            done = done && library.hash(work, digestAt, DIGEST_LENGTH) && library.hashFinal(digestAt, work);
            bytes.getBytes(DIGEST, digest, 0, DIGEST_LENGTH);
            return done;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            library.free(cipher);
            memory.release();
            stage.release();
        }
    }
}
