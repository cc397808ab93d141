package org.chevet.relay.sim;

import static org.chevet.relay.sim.SctpWorld.MS;
import static org.chevet.relay.sim.SctpWorld.message;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.chevet.relay.sctp.SctpConfig;
import org.chevet.relay.sctp.SctpListener;
import org.junit.jupiter.api.Test;

/**
 * A peer that lies: real packets with changed bytes and a right checksum, as only the peer itself can send them. The
 * association may end; it may not throw, loop or hold more memory than its bound (the world looks after every packet).
 */
class SctpHostileTest {
    private static final int SEEDS = Integer.getInteger("chevet.sctp.seeds", 1_500);

    @Test
    void changedPacketsWithRightChecksumsAreSurvived() {
        int ended = 0;
        int survived = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                if (isEnded(seed)) {
                    ended++;
                } else {
                    survived++;
                }
            } catch (final RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        // Both must happen, or the test shows nothing.
        assertTrue(ended > 20 && survived > 20, ended + " ended, " + survived + " survived");
    }

    private static boolean isEnded(final long seed) {
        final SimNetwork.Conditions conditions =
            new SimNetwork.Conditions(0.02, 0, 1, 0.02, 10 * MS, 10 * MS, 0, 0, 1500);
        final SctpWorld world = new SctpWorld(seed, conditions, SctpConfig.DEFAULT, SctpConfig.DEFAULT);
        world.establish();
        world.damage = 0.3;
        world.damageIsSummed = true;
        for (int i = 0; i < 25; i++) {
            world.a.send(i % 3, message(i, 4 + world.random.nextInt(4_000)), i % 2 == 0, i % 4 == 0 ? 0 : -1, -1);
            world.b.send(i % 3, message(i, 4 + world.random.nextInt(400)), true, -1, i % 5 == 0 ? 30 : -1);
            if (i % 6 == 5) {
                world.a.association.resetStream(i % 3);
            }
            world.run(() -> false, 25 * MS);
        }
        world.run(() -> false, 2_000 * MS);
        return !world.a.ends.isEmpty() || !world.b.ends.isEmpty()
            || world.a.ends.contains(SctpListener.End.PEER_AT_FAULT);
    }
}
