package org.chevet.relay.srtp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;
import java.util.function.Function;

/**
 * What native code a process can reach: the system it runs on and where shared libraries come from.
 *
 * @param os as the property os.name says, "Linux"
 * @param arch as the property os.arch says, "amd64"
 * @param libraries finds a shared library by the name the system's loader knows it by, never by a path; empty when
 *     there is none. A library that was found stays loaded.
 */
@SuppressWarnings("restricted") // Native access is what it is for; the launchers and the manifest allow it.
record NativePlatform(String os, String arch, Function<String, Optional<SymbolLookup>> libraries) {
    /** This process. */
    static NativePlatform current() {
        return new NativePlatform(System.getProperty("os.name"), System.getProperty("os.arch"), NativePlatform::load);
    }

    private static Optional<SymbolLookup> load(final String name) {
        try {
            return Optional.of(SymbolLookup.libraryLookup(name, Arena.global()));
        } catch (final IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The library of this name. */
    SymbolLookup library(final String name, final String debianPackage) throws UnusableProviderException {
        try {
            return libraries.apply(name).orElseThrow(() -> new UnusableProviderException(
                "the system's loader finds no " + name + " (Debian: " + debianPackage + ")"));
        } catch (final IllegalCallerException e) {
            throw new UnusableProviderException(
                "this JVM forbids native code: start it with --enable-native-access=ALL-UNNAMED", e);
        }
    }

    /** The address of a function. */
    static MemorySegment function(final SymbolLookup library, final String libraryName, final String function)
        throws UnusableProviderException {
        return library.find(function)
            .orElseThrow(() -> new UnusableProviderException(libraryName + " has no function " + function));
    }
}
