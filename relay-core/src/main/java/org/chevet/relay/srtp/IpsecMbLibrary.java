package org.chevet.relay.srtp;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;

/**
 * The functions of a loaded libIPSec_MB (Intel's multi-buffer library) that AES-GCM needs.
 *
 * <p>The library's interface is a table of functions inside its manager, chosen for the processor when the manager is
 * set up. The table's layout belongs to a version, so only versions whose header was read are accepted. The manager is
 * given back once the addresses are known. Safe on any thread.
 */
@SuppressWarnings("restricted") // Native access is what it is for; the launchers and the manifest allow it.
final class IpsecMbLibrary {
    /** Name the system's loader knows it by. */
    static final String NAME = "libIPSec_MB.so.1";
    /** Bytes of {@code struct gcm_key_data}, aligned to 64. */
    static final int KEY_DATA_LENGTH = 1008;
    /** Bytes of {@code struct gcm_context_data}. */
    static final int CONTEXT_LENGTH = 88;

    private static final String DEBIAN_PACKAGE = "libipsec-mb1";
    private static final Linker LINKER = Linker.nativeLinker();
    /** A call is shorter than a microsecond and blocks nowhere, so it need not tell the JVM that it left Java. */
    private static final Linker.Option SHORT = Linker.Option.critical(false);
    private static final ValueLayout.OfLong POINTER = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfLong SIZE = ValueLayout.JAVA_LONG;
    /** (key data, context, out, in, length, iv, aad, aad length, tag, tag length). */
    private static final MethodHandle CRYPT = LINKER.downcallHandle(FunctionDescriptor.ofVoid(POINTER, POINTER,
        POINTER, POINTER, SIZE, POINTER, POINTER, SIZE, POINTER, SIZE), SHORT);
    /** (key, key data), and (manager, where to say which architecture was chosen). */
    private static final MethodHandle TWO_POINTERS =
        LINKER.downcallHandle(FunctionDescriptor.ofVoid(POINTER, POINTER));
    private static final MethodHandle VERSION =
        LINKER.downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_INT));
    /** (flags) to the manager. */
    private static final MethodHandle ALLOCATE =
        LINKER.downcallHandle(FunctionDescriptor.of(POINTER, ValueLayout.JAVA_LONG));
    private static final MethodHandle FREE = LINKER.downcallHandle(FunctionDescriptor.ofVoid(POINTER));

    /** Layouts of {@code IMB_MGR} by {@code IMB_VERSION_NUM}. */
    private static final Map<Integer, Layout> LAYOUTS =
        Map.of(0x1_0300, new Layout("1.3.0", 56, 60, 256, 272, 280, 296, 448, 464));

    /** {@code IMB_ARCH}: how the processor is used; below SSE the library imitates AES instructions and is slow. */
    private static final int ARCH_SSE = 2;
    private static final String[] ARCHS = {"none", "no AES instructions", "SSE", "AVX", "AVX2", "AVX-512"};

    private final String version;
    private final Functions aes128;
    private final Functions aes256;

    private IpsecMbLibrary(final String version, final Functions aes128, final Functions aes256) {
        this.version = version;
        this.aes128 = aes128;
        this.aes256 = aes256;
    }

    /**
     * Offsets in {@code IMB_MGR}, in bytes, as the version's header has them.
     *
     * @param arch of {@code used_arch}
     * @param fault of {@code imb_errno}
     */
    private record Layout(String version, long arch, long fault, long seal128, long seal256, long open128, long open256,
        long expand128, long expand256) {
        long length() {
            return expand256 + Long.BYTES;
        }
    }

    /**
     * AES-GCM with keys of one length.
     *
     * @param seal address of {@code gcm*_enc}
     * @param open address of {@code gcm*_dec}
     * @param expand address of {@code gcm*_pre}
     */
    record Functions(MemorySegment seal, MemorySegment open, MemorySegment expand) {
        /** Makes key data, {@link #KEY_DATA_LENGTH} bytes at an address that 64 divides, of a key. */
        void expand(final long key, final long keyData) {
            try {
                TWO_POINTERS.invokeExact(expand, key, keyData);
            } catch (final Throwable e) {
                throw failure(e);
            }
        }

        /** Encrypts and writes a tag of 16 bytes. */
        void seal(final long keyData, final long context, final long out, final long in, final long length,
            final long nonce, final long aad, final long aadLength, final long tag) {
            try {
                CRYPT.invokeExact(seal, keyData, context, out, in, length, nonce, aad, aadLength, tag,
                    (long) AeadEngine.TAG_LENGTH);
            } catch (final Throwable e) {
                throw failure(e);
            }
        }

        /** Decrypts and writes the tag it should have had, 16 bytes, which the caller compares. */
        void open(final long keyData, final long context, final long out, final long in, final long length,
            final long nonce, final long aad, final long aadLength, final long tag) {
            try {
                CRYPT.invokeExact(open, keyData, context, out, in, length, nonce, aad, aadLength, tag,
                    (long) AeadEngine.TAG_LENGTH);
            } catch (final Throwable e) {
                throw failure(e);
            }
        }
    }

    /** Loads the library and checks platform and version. */
    static IpsecMbLibrary load(final NativePlatform platform) throws UnusableProviderException {
        if (!platform.os().equals("Linux") || !platform.arch().equals("amd64")) {
            throw new UnusableProviderException(
                "it exists for Linux on amd64, and this is " + platform.os() + " on " + platform.arch());
        }
        final SymbolLookup library = platform.library(NAME, DEBIAN_PACKAGE);
        final int number = number(NativePlatform.function(library, NAME, "imb_get_version"));
        final Layout layout = LAYOUTS.get(number);
        if (layout == null) {
            throw new UnusableProviderException("its version is " + (number >>> 16) + "."
                + ((number >>> 8) & 0xFF) + "." + (number & 0xFF)
                + ", and its table of functions is known for 1.3.0 only");
        }
        return read(library, layout);
    }

    private static int number(final MemorySegment version) {
        try {
            return (int) VERSION.invokeExact(version);
        } catch (final Throwable e) {
            throw failure(e);
        }
    }

    private static IpsecMbLibrary read(final SymbolLookup library, final Layout layout)
        throws UnusableProviderException {
        final MemorySegment allocate = NativePlatform.function(library, NAME, "alloc_mb_mgr");
        final MemorySegment initialise = NativePlatform.function(library, NAME, "init_mb_mgr_auto");
        final MemorySegment free = NativePlatform.function(library, NAME, "free_mb_mgr");
        try {
            final long made = (long) ALLOCATE.invokeExact(allocate, 0L);
            if (made == 0) {
                throw new UnusableProviderException("it has no memory for its manager");
            }
            try {
                TWO_POINTERS.invokeExact(initialise, made, 0L);
                return read(MemorySegment.ofAddress(made).reinterpret(layout.length()), layout);
            } finally {
                FREE.invokeExact(free, made);
            }
        } catch (final UnusableProviderException e) {
            throw e;
        } catch (final Throwable e) {
            throw failure(e);
        }
    }

    private static IpsecMbLibrary read(final MemorySegment manager, final Layout layout)
        throws UnusableProviderException {
        final int fault = manager.get(ValueLayout.JAVA_INT, layout.fault());
        final int arch = manager.get(ValueLayout.JAVA_INT, layout.arch());
        if (fault != 0) {
            throw new UnusableProviderException("its manager cannot be set up: error " + fault);
        }
        if (arch < ARCH_SSE) {
            throw new UnusableProviderException("this processor has no AES instructions");
        }
        return new IpsecMbLibrary(
            layout.version() + " " + (arch < ARCHS.length ? ARCHS[arch] : "architecture " + arch),
            new Functions(function(manager, layout.seal128()), function(manager, layout.open128()),
                function(manager, layout.expand128())),
            new Functions(function(manager, layout.seal256()), function(manager, layout.open256()),
                function(manager, layout.expand256())));
    }

    private static MemorySegment function(final MemorySegment manager, final long offset) {
        return MemorySegment.ofAddress(manager.get(ValueLayout.JAVA_LONG, offset));
    }

    private static IllegalStateException failure(final Throwable cause) {
        return new IllegalStateException("a call of " + NAME + " was not made as it is declared", cause);
    }

    /** Version and what of the processor it uses, as "1.3.0 AVX-512". */
    String version() {
        return version;
    }

    /** The functions for keys of 16 or 32 bytes. */
    Functions functions(final int keyLength) {
        return switch (keyLength) {
            case 16 -> aes128;
            case 32 -> aes256;
            default -> throw new IllegalArgumentException("a key has 16 or 32 bytes, not " + keyLength);
        };
    }
}
