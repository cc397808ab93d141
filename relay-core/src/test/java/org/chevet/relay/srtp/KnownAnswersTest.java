package org.chevet.relay.srtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.function.UnaryOperator;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.Test;

/** The constants are what the JDK computes, and an engine that is wrong anywhere does not reach them. */
class KnownAnswersTest {
    private final AeadEngineProvider jce = new JceAeadEngineProvider();

    @Test
    void theJdkGivesTheKnownAnswers() {
        assertEquals(KnownAnswers.AES_128_GCM, KnownAnswers.lastTag(jce, 16));
        assertEquals(KnownAnswers.AES_256_GCM, KnownAnswers.lastTag(jce, 32));
        assertEquals(KnownAnswers.COUNTER_MODE, KnownAnswers.lastDigest(jce));
        assertEquals("", KnownAnswers.faultOfAead(jce));
        assertEquals("", KnownAnswers.faultOfCounterMode(jce));
    }

    @Test
    void aWrongByteAtOneLengthIsFound() {
        for (final int length : new int[] {0, 1, 255, 1024, KnownAnswers.MAX_PAYLOAD}) {
            final AeadEngineProvider spoiled = spoiling(engine -> new Spoiling(engine, length, false));
            assertNotEquals("", KnownAnswers.faultOfAead(spoiled), "length " + length);
        }
    }

    @Test
    void anEngineThatTakesAnyTagIsFound() {
        assertEquals("opened a wrong tag 700",
            KnownAnswers.lastTag(spoiling(engine -> new Spoiling(engine, 700, true)), 16));
    }

    @Test
    void wrongCounterModeIsFound() {
        final AeadEngineProvider otherKey = new Delegating(jce) {
            @Override
            public CounterModeEngine createCounterMode(final byte[] encryptionKey, final byte[] authenticationKey) {
                authenticationKey[19] ^= 1;
                return super.createCounterMode(encryptionKey, authenticationKey);
            }
        };
        assertNotEquals("", KnownAnswers.faultOfCounterMode(otherKey));
    }

    private AeadEngineProvider spoiling(final UnaryOperator<AeadEngine> spoil) {
        return new Delegating(jce) {
            @Override
            public AeadEngine create(final byte[] key) {
                return spoil.apply(super.create(key));
            }
        };
    }

    /** Passes on to another provider. */
    private static class Delegating implements AeadEngineProvider {
        private final AeadEngineProvider to;

        Delegating(final AeadEngineProvider to) {
            this.to = to;
        }

        @Override
        public String name() {
            return "spoiled";
        }

        @Override
        public String version() {
            return to.version();
        }

        @Override
        public AeadEngine create(final byte[] key) {
            return to.create(key);
        }

        @Override
        public String counterModeName() {
            return to.counterModeName();
        }

        @Override
        public CounterModeEngine createCounterMode(final byte[] encryptionKey, final byte[] authenticationKey) {
            return to.createCounterMode(encryptionKey, authenticationKey);
        }
    }

    /** An engine with one fault: a wrong nonce, both ways, for one length, or a tag that is not compared there. */
    private static final class Spoiling implements AeadEngine {
        private final AeadEngine engine;
        private final int spoiled;
        private final boolean anyTag;

        Spoiling(final AeadEngine engine, final int spoiled, final boolean anyTag) {
            this.engine = engine;
            this.spoiled = spoiled;
            this.anyTag = anyTag;
        }

        @Override
        public boolean seal(final byte[] nonce, final DirectBuffer aad, final int aadOffset, final int aadLength,
            final DirectBuffer in, final int inOffset, final int length, final MutableDirectBuffer out,
            final int outOffset) {
            return engine.seal(nonceFor(nonce, length), aad, aadOffset, aadLength, in, inOffset, length, out,
                outOffset);
        }

        @Override
        public boolean open(final byte[] nonce, final DirectBuffer aad, final int aadOffset, final int aadLength,
            final DirectBuffer in, final int inOffset, final int length, final MutableDirectBuffer out,
            final int outOffset) {
            return engine.open(nonceFor(nonce, length), aad, aadOffset, aadLength, in, inOffset, length, out,
                outOffset) || (anyTag && length == spoiled);
        }

        private byte[] nonceFor(final byte[] nonce, final int length) {
            final byte[] used = nonce.clone();
            used[11] ^= (byte) (length == spoiled && !anyTag ? 1 : 0);
            return used;
        }

        @Override
        public void close() {
            engine.close();
        }
    }
}
