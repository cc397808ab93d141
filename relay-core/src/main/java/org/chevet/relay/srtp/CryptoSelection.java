package org.chevet.relay.srtp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the provider of SRTP's cryptography when a process starts: the fastest one whose platform, library and
 * version are known and that gives known answers.
 *
 * <p>Takes some hundred milliseconds, most of which the JVM needs for its first calls of native code. One thread.
 */
public final class CryptoSelection {
    /** Asks for the fastest that is usable. */
    public static final String AUTO = "auto";

    /** Fastest first (AES-256-GCM of 1200 bytes, relay-core/docs/srtp.md). */
    private static final List<String> ORDER =
        List.of(IpsecMbAeadEngineProvider.NAME, LibcryptoAeadEngineProvider.NAME, JceAeadEngineProvider.NAME);

    private final NativePlatform platform;
    private final AeadEngineProvider jce = new JceAeadEngineProvider();
    private @Nullable AeadEngineProvider libcrypto;

    private CryptoSelection(final NativePlatform platform) {
        this.platform = platform;
    }

    /** What can be asked for. */
    public static List<String> choices() {
        final List<String> choices = new ArrayList<>(List.of(AUTO));
        choices.addAll(ORDER);
        return List.copyOf(choices);
    }

    /**
     * Chooses, and checks no more candidates than that takes.
     *
     * @param wanted one of {@link #choices()}
     * @throws IllegalArgumentException one sentence, when it is none of them or cannot be used here
     */
    public static CryptoChoice select(final String wanted) {
        return select(wanted, NativePlatform.current());
    }

    /** Chooses the fastest and checks all candidates, for people who want to know. */
    public static CryptoChoice examine() {
        return new CryptoSelection(NativePlatform.current()).choose(AUTO, true);
    }

    static CryptoChoice select(final String wanted, final NativePlatform platform) {
        return new CryptoSelection(platform).choose(wanted, false);
    }

    private CryptoChoice choose(final String wanted, final boolean all) {
        if (!wanted.equals(AUTO) && !ORDER.contains(wanted)) {
            throw new IllegalArgumentException("crypto is '" + wanted + "': accepted is one of "
                + String.join(", ", choices()));
        }
        final List<CryptoCandidate> candidates = new ArrayList<>();
        AeadEngineProvider chosen = null;
        for (final String name : ORDER) {
            final CryptoCandidate candidate = !wanted.equals(AUTO) && !wanted.equals(name)
                ? CryptoCandidate.unusable(name, "not asked for")
                : chosen != null && !all ? CryptoCandidate.unusable(name, "not checked, because " + chosen.name()
                    + " comes first")
                : check(name);
            candidates.add(candidate);
            if (chosen == null) {
                chosen = candidate.engines().orElse(null);
            }
            if (wanted.equals(name) && chosen == null) {
                throw new IllegalArgumentException("crypto is " + wanted + ", which cannot be used here: "
                    + candidate.reason());
            }
        }
        if (chosen == null) {
            throw new IllegalStateException("the JDK's own cryptography is always usable");
        }
        return new CryptoChoice(chosen, wanted, candidates);
    }

    private CryptoCandidate check(final String name) {
        try {
            return CryptoCandidate.usable(switch (name) {
                case IpsecMbAeadEngineProvider.NAME -> ipsecMb();
                case LibcryptoAeadEngineProvider.NAME -> withKnownAeadAnswers(libcrypto());
                default -> jce;
            });
        } catch (final UnusableProviderException e) {
            return CryptoCandidate.unusable(name, e.reason());
        } catch (final LinkageError | UnsupportedOperationException e) {
            return CryptoCandidate.unusable(name, "this JVM makes no native calls: " + rootOf(e));
        }
    }

    private AeadEngineProvider ipsecMb() throws UnusableProviderException {
        final IpsecMbLibrary library = IpsecMbLibrary.load(platform);
        AeadEngineProvider counterMode;
        try {
            counterMode = libcrypto();
        } catch (final UnusableProviderException e) {
            counterMode = jce;
        }
        return withKnownAeadAnswers(new IpsecMbAeadEngineProvider(library, counterMode));
    }

    /** With known answers of its counter mode, but AEAD not checked. */
    private AeadEngineProvider libcrypto() throws UnusableProviderException {
        AeadEngineProvider provider = libcrypto;
        if (provider == null) {
            provider = new LibcryptoAeadEngineProvider(LibcryptoLibrary.load(platform));
            refuse(KnownAnswers.faultOfCounterMode(provider));
            libcrypto = provider;
        }
        return provider;
    }

    private static AeadEngineProvider withKnownAeadAnswers(final AeadEngineProvider provider)
        throws UnusableProviderException {
        refuse(KnownAnswers.faultOfAead(provider));
        return provider;
    }

    private static void refuse(final String fault) throws UnusableProviderException {
        if (!fault.isEmpty()) {
            throw new UnusableProviderException(fault);
        }
    }

    private static String rootOf(final Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + " " + root.getMessage();
    }
}
