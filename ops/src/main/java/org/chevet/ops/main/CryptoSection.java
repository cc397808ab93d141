package org.chevet.ops.main;

import java.io.PrintWriter;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.relay.srtp.AeadEngine;
import org.chevet.relay.srtp.AeadEngineProvider;
import org.chevet.relay.srtp.CounterModeEngine;
import org.chevet.relay.srtp.CryptoCandidate;
import org.chevet.relay.srtp.CryptoChoice;
import org.chevet.relay.srtp.CryptoSelection;

/** Which providers of SRTP's cryptography are usable, why others are not, what each costs, and which one is taken. */
final class CryptoSection implements DoctorSection {
    private static final int PAYLOAD = 1200;
    private static final int HEADER = 12;
    private static final int SPACE = 2048;
    private static final int KEY_LENGTH = 32;
    private static final int ROUND = 200;
    /** Better is by more than one part of this many. */
    private static final int BETTER = 20;
    private static final long SETTLED_NS = 500_000_000L;
    private static final long LONGEST_NS = 3_000_000_000L;

    private final String wanted;

    /** Takes what media.crypto says. */
    CryptoSection(final String wanted) {
        this.wanted = wanted;
    }

    @Override
    public String title() {
        return "Cryptography of media";
    }

    @Override
    public boolean print(final PrintWriter out) {
        for (final CryptoCandidate candidate : CryptoSelection.examine().candidates()) {
            out.println(DoctorSection.line(candidate.name(), candidate.engines().map(CryptoSection::measured)
                .orElse("not usable: " + candidate.reason())));
        }
        try {
            final CryptoChoice choice = CryptoSelection.select(wanted);
            out.println(DoctorSection.line("chosen", choice.name() + " (media.crypto is " + wanted + ")"));
            return true;
        } catch (final IllegalArgumentException e) {
            out.println(DoctorSection.line("chosen", "none: " + e.getMessage()));
            return false;
        }
    }

    private static String measured(final AeadEngineProvider provider) {
        return String.format("usable, version %s; one %d-byte packet sealed: AES-256-GCM %d ns,"
            + " AES128_CM_HMAC_SHA1_80 %d ns%s", provider.version(), PAYLOAD, aeadNs(provider),
            counterModeNs(provider), provider.counterModeName().equals(provider.name()) ? ""
                : " (by " + provider.counterModeName() + ")");
    }

    private static long aeadNs(final AeadEngineProvider provider) {
        final UnsafeBuffer plain = new UnsafeBuffer(ByteBuffer.allocateDirect(SPACE));
        final UnsafeBuffer packet = new UnsafeBuffer(ByteBuffer.allocateDirect(SPACE));
        final byte[] nonce = new byte[AeadEngine.NONCE_LENGTH];
        final UnsafeBuffer number = new UnsafeBuffer(nonce);
        try (AeadEngine engine = provider.create(new byte[KEY_LENGTH])) {
            return bestNs(i -> {
                number.putLong(0, i);
                engine.seal(nonce, packet, 0, HEADER, plain, 0, PAYLOAD, packet, HEADER);
            });
        }
    }

    private static long counterModeNs(final AeadEngineProvider provider) {
        final UnsafeBuffer plain = new UnsafeBuffer(ByteBuffer.allocateDirect(SPACE));
        final UnsafeBuffer packet = new UnsafeBuffer(ByteBuffer.allocateDirect(SPACE));
        final byte[] iv = new byte[CounterModeEngine.IV_LENGTH];
        final byte[] digest = new byte[CounterModeEngine.DIGEST_LENGTH];
        final UnsafeBuffer number = new UnsafeBuffer(iv);
        try (CounterModeEngine engine = provider.createCounterMode(new byte[CounterModeEngine.KEY_LENGTH], digest)) {
            return bestNs(i -> {
                number.putLong(0, i);
                engine.crypt(iv, plain, 0, PAYLOAD, packet, HEADER);
                engine.authenticate(packet, 0, HEADER + PAYLOAD, 0, digest);
            });
        }
    }

    /**
     * Nanoseconds per call of the best round: others were disturbed, or not yet compiled, which takes the JDK's own
     * cryptography a second. Ends when no round is better for a while.
     */
    private static long bestNs(final Packet packet) {
        final long limitNs = System.nanoTime() + LONGEST_NS;
        long endNs = System.nanoTime() + SETTLED_NS;
        long best = Long.MAX_VALUE;
        long number = 0;
        long nowNs = System.nanoTime();
        while (nowNs < endNs && nowNs < limitNs) {
            final long startNs = System.nanoTime();
            for (int i = 0; i < ROUND; i++) {
                packet.seal(number++);
            }
            nowNs = System.nanoTime();
            if (nowNs - startNs < best - best / BETTER) {
                endNs = nowNs + SETTLED_NS;
            }
            best = Math.min(best, nowNs - startNs);
        }
        return best / ROUND;
    }

    /** Seals one packet; each number comes once. */
    private interface Packet {
        void seal(long number);
    }
}
