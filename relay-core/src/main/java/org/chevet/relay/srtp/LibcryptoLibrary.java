package org.chevet.relay.srtp;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Set;

/**
 * The functions of a loaded libcrypto (OpenSSL 3) that SRTP needs. Safe on any thread; a context belongs to one.
 *
 * <p>Ciphers go through EVP, which keeps the expanded key in a context and takes a new nonce per packet. HMAC-SHA1 is
 * put together from the SHA1 functions with the hashed pads kept: {@code EVP_MAC} allocates for each message and took
 * 1000 ns for 1216 bytes where this takes 850 (measured). They are marked as deprecated but belong to the interface
 * of every library of this name.
 */
@SuppressWarnings("restricted") // Native access is what it is for; the launchers and the manifest allow it.
final class LibcryptoLibrary {
    /** Name the system's loader knows it by. */
    static final String NAME = "libcrypto.so.3";
    /** Bytes of {@code SHA_CTX}. */
    static final int SHA1_CONTEXT_LENGTH = 96;

    private static final String DEBIAN_PACKAGE = "libssl3";
    private static final Set<String> ARCHS = Set.of("amd64", "aarch64");
    private static final int MAJOR = 3;
    private static final int MAJOR_SHIFT = 28;
    private static final int MINOR_SHIFT = 20;
    private static final int PATCH_SHIFT = 4;
    private static final int BYTE = 0xFF;
    /** EVP_CTRL_AEAD_GET_TAG and EVP_CTRL_AEAD_SET_TAG. */
    private static final int GET_TAG = 0x10;
    private static final int SET_TAG = 0x11;
    private static final Linker LINKER = Linker.nativeLinker();
    /** The calls of the packet path are short and block nowhere: they need not tell the JVM that they left Java. */
    private static final Linker.Option SHORT = Linker.Option.critical(false);
    private static final ValueLayout.OfLong POINTER = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    private static final MethodHandle CIPHER_INIT = LINKER.downcallHandle(
        FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, POINTER, POINTER, INT), SHORT);
    private static final MethodHandle CIPHER_UPDATE = LINKER.downcallHandle(
        FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, POINTER, INT), SHORT);
    private static final MethodHandle CIPHER_FINAL = LINKER.downcallHandle(
        FunctionDescriptor.of(INT, POINTER, POINTER, POINTER), SHORT);
    private static final MethodHandle CONTEXT_CONTROL = LINKER.downcallHandle(
        FunctionDescriptor.of(INT, POINTER, INT, INT, POINTER), SHORT);
    /** A new context, and the version, which is an unsigned long. */
    private static final MethodHandle NO_ARGUMENT = LINKER.downcallHandle(FunctionDescriptor.of(POINTER));
    /** (library context, name, properties). */
    private static final MethodHandle FETCH =
        LINKER.downcallHandle(FunctionDescriptor.of(POINTER, POINTER, POINTER, POINTER));
    private static final MethodHandle CONTEXT_FREE = LINKER.downcallHandle(FunctionDescriptor.ofVoid(POINTER));
    private static final MethodHandle SHA1_INIT =
        LINKER.downcallHandle(FunctionDescriptor.of(INT, POINTER), SHORT);
    private static final MethodHandle SHA1_UPDATE =
        LINKER.downcallHandle(FunctionDescriptor.of(INT, POINTER, POINTER, POINTER), SHORT);
    private static final MethodHandle SHA1_FINAL =
        LINKER.downcallHandle(FunctionDescriptor.of(INT, POINTER, POINTER), SHORT);

    private final MemorySegment cipherInit;
    private final MemorySegment cipherUpdate;
    private final MemorySegment cipherFinal;
    private final MemorySegment contextControl;
    private final MemorySegment contextNew;
    private final MemorySegment contextFree;
    private final MemorySegment sha1Init;
    private final MemorySegment sha1Update;
    private final MemorySegment sha1Final;
    private final String version;
    private final long aes128Gcm;
    private final long aes256Gcm;
    private final long aes128Counter;

    private LibcryptoLibrary(final SymbolLookup library) throws UnusableProviderException {
        cipherInit = NativePlatform.function(library, NAME, "EVP_CipherInit_ex");
        cipherUpdate = NativePlatform.function(library, NAME, "EVP_CipherUpdate");
        cipherFinal = NativePlatform.function(library, NAME, "EVP_CipherFinal_ex");
        contextControl = NativePlatform.function(library, NAME, "EVP_CIPHER_CTX_ctrl");
        contextNew = NativePlatform.function(library, NAME, "EVP_CIPHER_CTX_new");
        contextFree = NativePlatform.function(library, NAME, "EVP_CIPHER_CTX_free");
        sha1Init = NativePlatform.function(library, NAME, "SHA1_Init");
        sha1Update = NativePlatform.function(library, NAME, "SHA1_Update");
        sha1Final = NativePlatform.function(library, NAME, "SHA1_Final");
        version = version(library);
        // Fetched once: looking a cipher up for every key takes locks. They live as long as the process.
        final MemorySegment fetch = NativePlatform.function(library, NAME, "EVP_CIPHER_fetch");
        aes128Gcm = fetch(fetch, "AES-128-GCM");
        aes256Gcm = fetch(fetch, "AES-256-GCM");
        aes128Counter = fetch(fetch, "AES-128-CTR");
    }

    /** Loads the library and checks platform and version. */
    static LibcryptoLibrary load(final NativePlatform platform) throws UnusableProviderException {
        if (!platform.os().equals("Linux") || !ARCHS.contains(platform.arch())) {
            throw new UnusableProviderException("it is known for Linux on amd64 and aarch64 only, and this is "
                + platform.os() + " on " + platform.arch());
        }
        return new LibcryptoLibrary(platform.library(NAME, DEBIAN_PACKAGE));
    }

    private static String version(final SymbolLookup library) throws UnusableProviderException {
        final MemorySegment number = NativePlatform.function(library, NAME, "OpenSSL_version_num");
        final long found;
        try {
            found = (long) NO_ARGUMENT.invokeExact(number);
        } catch (final Throwable e) {
            throw failure(e);
        }
        final String text = (found >>> MAJOR_SHIFT) + "." + ((found >>> MINOR_SHIFT) & BYTE) + "."
            + ((found >>> PATCH_SHIFT) & BYTE);
        if (found >>> MAJOR_SHIFT != MAJOR) {
            throw new UnusableProviderException("its version is " + text + ", and only OpenSSL " + MAJOR
                + " is known");
        }
        return text;
    }

    private static long fetch(final MemorySegment fetch, final String cipher) throws UnusableProviderException {
        final long found;
        try (Arena arena = Arena.ofConfined()) {
            found = (long) FETCH.invokeExact(fetch, 0L, arena.allocateFrom(cipher).address(), 0L);
        } catch (final Throwable e) {
            throw failure(e);
        }
        if (found == 0) {
            throw new UnusableProviderException("it does not offer " + cipher);
        }
        return found;
    }

    /** The version, as "3.0.13". */
    String version() {
        return version;
    }

    /** The cipher AES-GCM for keys of 16 or 32 bytes. */
    long gcm(final int keyLength) {
        return switch (keyLength) {
            case 16 -> aes128Gcm;
            case 32 -> aes256Gcm;
            default -> throw new IllegalArgumentException("a key has 16 or 32 bytes, not " + keyLength);
        };
    }

    /** The cipher AES-128 in counter mode. */
    long counterMode() {
        return aes128Counter;
    }

    /**
     * A cipher context with its key, to be freed with {@link #free}.
     *
     * @param key address of the key, copied
     * @param encrypt 1 to encrypt, 0 to decrypt
     */
    long context(final long cipher, final long key, final int encrypt) {
        final long context;
        try {
            context = (long) NO_ARGUMENT.invokeExact(contextNew);
        } catch (final Throwable e) {
            throw failure(e);
        }
        if (context == 0 || !init(context, cipher, key, 0, encrypt)) {
            if (context != 0) {
                free(context);
            }
            throw new IllegalStateException(NAME + " takes no key of a cipher that it offers");
        }
        return context;
    }

    /** Overwrites and frees a context. */
    void free(final long context) {
        try {
            CONTEXT_FREE.invokeExact(contextFree, context);
        } catch (final Throwable e) {
            throw failure(e);
        }
    }

    /** Sets the nonce of a context with a key. */
    boolean nonce(final long context, final long nonce) {
        return init(context, 0, 0, nonce, -1);
    }

    private boolean init(final long context, final long cipher, final long key, final long nonce, final int encrypt) {
        try {
            return (int) CIPHER_INIT.invokeExact(cipherInit, context, cipher, 0L, key, nonce, encrypt) == 1;
        } catch (final Throwable e) {
            throw failure(e);
        }
    }

    /**
     * Takes data, or additional data when {@code out} is 0.
     *
     * @param written address of an int that takes the bytes written
     */
    boolean update(final long context, final long out, final long written, final long in, final int length) {
        try {
            return (int) CIPHER_UPDATE.invokeExact(cipherUpdate, context, out, written, in, length) == 1;
        } catch (final Throwable e) {
            throw failure(e);
        }
    }

    /** Ends a packet; false when it was decrypted and its tag is wrong. */
    boolean finish(final long context, final long out, final long written) {
        try {
            return (int) CIPHER_FINAL.invokeExact(cipherFinal, context, out, written) == 1;
        } catch (final Throwable e) {
            throw failure(e);
        }
    }

    /** Writes the tag of a packet that was encrypted. */
    boolean readTag(final long context, final long tag) {
        return control(context, GET_TAG, tag);
    }

    /** Says which tag the packet to be decrypted came with. */
    boolean expectTag(final long context, final long tag) {
        return control(context, SET_TAG, tag);
    }

    private boolean control(final long context, final int what, final long tag) {
        try {
            return (int) CONTEXT_CONTROL.invokeExact(contextControl, context, what, AeadEngine.TAG_LENGTH, tag) == 1;
        } catch (final Throwable e) {
            throw failure(e);
        }
    }

    /** Begins a hash in {@link #SHA1_CONTEXT_LENGTH} bytes of the caller. */
    boolean hashInit(final long context) {
        try {
            return (int) SHA1_INIT.invokeExact(sha1Init, context) == 1;
        } catch (final Throwable e) {
            throw failure(e);
        }
    }

    /** Hashes bytes. */
    boolean hash(final long context, final long data, final long length) {
        try {
            return (int) SHA1_UPDATE.invokeExact(sha1Update, context, data, length) == 1;
        } catch (final Throwable e) {
            throw failure(e);
        }
    }

    /** Ends a hash: 20 bytes. */
    boolean hashFinal(final long digest, final long context) {
        try {
            return (int) SHA1_FINAL.invokeExact(sha1Final, digest, context) == 1;
        } catch (final Throwable e) {
            throw failure(e);
        }
    }

    private static IllegalStateException failure(final Throwable cause) {
        return new IllegalStateException("a call of " + NAME + " was not made as it is declared", cause);
    }
}
