package org.chevet.relay.srtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Which provider a process gets, on this platform and on others. */
@SuppressWarnings("restricted") // Takes the place of libraries' functions.
class CryptoSelectionTest {
    private static final NativePlatform HERE = NativePlatform.current();

    @Test
    void aPlatformWithoutNativeLibrariesSealsWithTheJdk() {
        final CryptoChoice choice = CryptoSelection.select("auto", with(name -> Optional.empty()));
        assertEquals("jce", choice.name());
        assertEquals("jce", choice.engines().counterModeName());
        assertEquals("the fastest that is usable here; ipsec-mb: the system's loader finds no libIPSec_MB.so.1"
            + " (Debian: libipsec-mb1); libcrypto: the system's loader finds no libcrypto.so.3 (Debian: libssl3)",
            choice.reason());
        assertEquals(List.of("ipsec-mb", "libcrypto", "jce"),
            choice.candidates().stream().map(CryptoCandidate::name).toList());
        for (final SrtpProfile profile : SrtpProfile.values()) {
            try (SrtpFixture srtp = new SrtpFixture(choice.engines(), profile, 1)) {
                assertTrue(srtp.open(srtp.seal(1, 1, new byte[100])) > 0);
                assertTrue(SrtpFixture.openRtcp(srtp.receiver, srtp.sealRtcp(1, 1)) > 0);
            }
        }
    }

    @Test
    void anotherSystemIsNotTried() {
        final CryptoChoice choice = CryptoSelection.select("auto", new NativePlatform("Windows 11", "amd64", name -> {
            throw new AssertionError(name + " was looked for");
        }));
        assertEquals("jce", choice.name());
        assertTrue(choice.reason().contains("it exists for Linux on amd64, and this is Windows 11 on amd64"),
            choice.reason());
    }

    @Test
    void aForcedProviderThatIsAbsentIsRefusedWithASentence() {
        assertEquals("crypto is ipsec-mb, which cannot be used here: the system's loader finds no libIPSec_MB.so.1"
            + " (Debian: libipsec-mb1)", refusal("ipsec-mb", with(name -> Optional.empty())));
    }

    @Test
    void whatIsNoProviderIsRefusedWithWhatIs() {
        assertEquals("crypto is 'bouncy': accepted is one of auto, ipsec-mb, libcrypto, jce",
            refusal("bouncy", with(name -> Optional.empty())));
    }

    @Test
    void aVersionWhoseTableIsNotKnownIsRefused() {
        assertEquals("crypto is ipsec-mb, which cannot be used here: its version is 1.9.2, and its table of functions"
            + " is known for 1.3.0 only", refusal("ipsec-mb", onLinux(name -> Optional.of(
                symbol -> symbol.equals("imb_get_version") ? Optional.of(returning(0x1_0902)) : Optional.empty()))));
    }

    @Test
    void anotherMajorVersionOfLibcryptoIsRefused() {
        Engines.require("libcrypto");
        assertEquals("crypto is libcrypto, which cannot be used here: its version is 4.1.2, and only OpenSSL 3 is"
            + " known", refusal("libcrypto", replacing("OpenSSL_version_num", Optional.of(returning(0x4010_0020L)))));
    }

    @Test
    void aLibraryThatLacksAFunctionIsRefused() {
        Engines.require("libcrypto");
        assertEquals("crypto is libcrypto, which cannot be used here: libcrypto.so.3 has no function SHA1_Update",
            refusal("libcrypto", replacing("SHA1_Update", Optional.empty())));
    }

    @Test
    void aLibraryThatGivesOtherAnswersIsRefused() {
        Engines.require("libcrypto");
        // SHA-1 that begins as MD5 does: the first chaining values are the same, the fifth is missing.
        final Optional<MemorySegment> md5 = SymbolLookup.libraryLookup("libcrypto.so.3", Arena.global())
            .find("MD5_Init");
        assertTrue(md5.isPresent());
        assertEquals("crypto is libcrypto, which cannot be used here: its AES-128 counter mode or HMAC-SHA1 is not"
            + " the JDK's", refusal("libcrypto", replacing("SHA1_Init", md5)));
    }

    @Test
    void ipsecMbComesFirstAndTakesItsCounterModeFromLibcrypto() {
        Engines.require("ipsec-mb");
        final AeadEngineProvider libcrypto = Engines.require("libcrypto");
        final CryptoChoice choice = CryptoSelection.select("auto");
        assertEquals("ipsec-mb", choice.name());
        assertTrue(choice.version().startsWith("1.3.0 "), choice.version());
        assertEquals("libcrypto", choice.engines().counterModeName());
        assertEquals("the fastest that is usable here", choice.reason());
        assertFalse(choice.candidates().get(1).engines().isPresent());
        assertEquals("not checked, because ipsec-mb comes first", choice.candidates().get(1).reason());
        assertTrue(libcrypto.version().startsWith("3."), libcrypto.version());
    }

    @Test
    void ipsecMbWithoutLibcryptoTakesItsCounterModeFromTheJdk() {
        Engines.require("ipsec-mb");
        final CryptoChoice choice = CryptoSelection.select("ipsec-mb",
            onLinux(name -> name.equals(LibcryptoLibrary.NAME) ? Optional.empty() : HERE.libraries().apply(name)));
        assertEquals("ipsec-mb", choice.name());
        assertEquals("jce", choice.engines().counterModeName());
        assertEquals("set by configuration", choice.reason());
        try (CounterModeEngine engine = choice.engines().createCounterMode(new byte[16], new byte[20])) {
            final UnsafeBuffer packet = new UnsafeBuffer(new byte[32]);
            assertTrue(engine.crypt(new byte[16], packet, 0, 32, packet, 0));
        }
    }

    @Test
    void examiningChecksAllCandidates() {
        final Map<String, String> reasons = new java.util.TreeMap<>();
        CryptoSelection.examine().candidates().forEach(each -> reasons.put(each.name(), each.reason()));
        assertEquals(3, reasons.size());
        assertFalse(reasons.toString().contains("not checked"), reasons.toString());
        assertEquals("", reasons.get("jce"));
    }

    private static String refusal(final String wanted, final NativePlatform platform) {
        return String.valueOf(assertThrows(IllegalArgumentException.class,
            () -> CryptoSelection.select(wanted, platform)).getMessage());
    }

    private static NativePlatform with(final Function<String, Optional<SymbolLookup>> libraries) {
        return onLinux(libraries);
    }

    private static NativePlatform onLinux(final Function<String, Optional<SymbolLookup>> libraries) {
        return new NativePlatform("Linux", "amd64", libraries);
    }

    /** This machine with another function, or none, in place of one. */
    private static NativePlatform replacing(final String function, final Optional<MemorySegment> by) {
        return new NativePlatform(HERE.os(), HERE.arch(), name -> HERE.libraries().apply(name)
            .map(library -> symbol -> symbol.equals(function) ? by : library.find(symbol)));
    }

    /** The address of a function that gives this number. */
    private static MemorySegment returning(final Object number) {
        final FunctionDescriptor descriptor = FunctionDescriptor.of(
            number instanceof Integer ? ValueLayout.JAVA_INT : ValueLayout.JAVA_LONG);
        return Linker.nativeLinker().upcallStub(
            MethodHandles.constant(number instanceof Integer ? int.class : long.class, number), descriptor,
            Arena.global());
    }
}
