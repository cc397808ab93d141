package org.chevet.relay.bwe;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole control over simulated links, in virtual time, repeated from a seed: {@code -Dsim.seed=N} replays one.
 */
class CongestionSimulationTest {
    private static final int SEEDS = 20;
    private static final long MS = SimFlow.MS;
    private static final long START = 1000 * MS;
    private static final long DELAY_NS = 40 * MS;
    private static final long QUEUE_NS = 300 * MS;
    private static final int SECOND = 1000;
    private static final long FOLLOWS = 0;

    static LongStream seeds() {
        final Long only = Long.getLong("sim.seed");
        return only == null ? LongStream.range(0, SEEDS) : LongStream.of(only);
    }

    static Stream<Arguments> seedsAndRates() {
        return seeds().boxed().flatMap(seed -> Stream.of(300_000L, 1_000_000L, 5_000_000L)
            .map(rate -> Arguments.of(seed, rate)));
    }

    private static SimFlow flow(final long seed, final SimLink link, final long fixedVideoBps,
        final double feedbackLoss, final long nowNs) {
        return new SimFlow(seed, link, BweConfig.defaults(), DELAY_NS, fixedVideoBps, feedbackLoss, nowNs);
    }

    /** Runs flows side by side and gives the bits each received in every second. */
    private static long[][] run(final int fromMs, final int toMs, final SimFlow... flows) {
        final long[][] bits = new long[flows.length][(toMs - fromMs) / SECOND];
        for (int t = fromMs + 1; t <= toMs; t++) {
            for (int i = 0; i < flows.length; i++) {
                flows[i].turn(START + t * MS);
                if ((t - fromMs) % SECOND == 0) {
                    bits[i][(t - fromMs) / SECOND - 1] = flows[i].takeReceivedBytes() * Byte.SIZE;
                }
            }
        }
        return bits;
    }

    private static double mean(final long[] values, final int from) {
        return LongStream.of(values).skip(from).average().orElseThrow();
    }

    /** The first second in which so much arrived, or a very large number. */
    private static int firstSecond(final long[] bits, final double wanted) {
        for (int i = 0; i < bits.length; i++) {
            if (bits[i] >= wanted) {
                return i + 1;
            }
        }
        return Integer.MAX_VALUE;
    }

    @ParameterizedTest(name = "seed {0}, {1} bit/s")
    @MethodSource("seedsAndRates")
    void findsTheRateOfALinkWithoutFillingItsQueue(final long seed, final long rateBps) {
        final SimLink link = new SimLink(seed, rateBps, DELAY_NS, QUEUE_NS, 0);
        final SimFlow flow = flow(seed, link, FOLLOWS, 0, START);
        final long[] bits = run(0, 60 * SECOND, flow)[0];
        final int at = firstSecond(bits, 0.9 * rateBps);
        assertTrue(at <= 10, "90 % in second " + at);
        assertTrue(mean(bits, 10) >= 0.8 * rateBps, "mean after that " + mean(bits, 10));
        assertTrue(link.waitMs(0.95) < 100, "95 % of packets waited up to ms " + link.waitMs(0.95));
    }

    @ParameterizedTest(name = "seed {0}, {1} bit/s")
    @MethodSource("seedsAndRates")
    void findsItByFeedbackThatNamesPacketsByStream(final long seed, final long rateBps) {
        final SimLink link = new SimLink(seed, rateBps, DELAY_NS, QUEUE_NS, 0);
        final SimFlow flow = flow(seed, link, FOLLOWS, 0, START).withStreams();
        final long[] bits = run(0, 60 * SECOND, flow)[0];
        final int at = firstSecond(bits, 0.9 * rateBps);
        assertTrue(at <= 10, "90 % in second " + at);
        assertTrue(mean(bits, 10) >= 0.8 * rateBps, "mean after that " + mean(bits, 10));
        assertTrue(link.waitMs(0.95) < 100, "95 % of packets waited up to ms " + link.waitMs(0.95));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void recoversFromADropToATenthAndBack(final long seed) {
        final long rateBps = 3_000_000;
        final SimLink link = new SimLink(seed, rateBps, DELAY_NS, QUEUE_NS, 0);
        final SimFlow flow = flow(seed, link, FOLLOWS, 0, START);
        run(0, 20 * SECOND, flow);
        link.setRateBps(rateBps / 10);
        final long[] dropped = run(20 * SECOND, 25 * SECOND, flow)[0];
        link.forget();
        final long[] settled = run(25 * SECOND, 40 * SECOND, flow)[0];
        assertTrue(link.waitMs(0.95) < 100, "5 s after the drop 95 % waited up to ms " + link.waitMs(0.95));
        link.setRateBps(rateBps);
        final long[] back = run(40 * SECOND, 60 * SECOND, flow)[0];
        assertTrue(firstSecond(dropped, 0.9 * rateBps / 10) <= 2, "the small link is used at once");
        assertTrue(mean(settled, 0) >= 0.8 * rateBps / 10, "mean at a tenth " + mean(settled, 0));
        final int at = firstSecond(back, 0.9 * rateBps);
        assertTrue(at <= 15, "90 % again in second " + at);
        assertTrue(mean(back, 10) >= 0.8 * rateBps, "mean after that " + mean(back, 10));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void twoConsultationsShareALinkFairly(final long seed) {
        final SimLink link = new SimLink(seed, 2_000_000, DELAY_NS, QUEUE_NS, 0);
        final SimFlow first = flow(seed, link, FOLLOWS, 0, START);
        run(0, 15 * SECOND, first);
        final SimFlow second = flow(seed + 1000, link, FOLLOWS, 0, START + 15 * SECOND * MS);
        final long[][] bits = run(15 * SECOND, 135 * SECOND, first, second);
        final double a = mean(bits[0], 60);
        final double b = mean(bits[1], 60);
        final double jain = (a + b) * (a + b) / (2 * (a * a + b * b));
        assertTrue(jain >= 0.75, "Jain's index " + jain + " of " + a + " and " + b);
        assertTrue(a + b >= 0.7 * 2_000_000, "both together " + (a + b));
        assertTrue(link.waitMs(0.95) < 200, "95 % of packets waited up to ms " + link.waitMs(0.95));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void randomLossDoesNotDriveTheRateDown(final long seed) {
        final SimLink link = new SimLink(seed, 1_000_000, DELAY_NS, QUEUE_NS, 0.1);
        final SimFlow flow = flow(seed, link, FOLLOWS, 0.1, START);
        final long[] bits = run(0, 60 * SECOND, flow)[0];
        assertTrue(mean(bits, 10) >= 0.5 * 1_000_000, "mean " + mean(bits, 10));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    @Tag("REQ-O17")
    void speechIsCompleteWhileVideoYields(final long seed) {
        final SimLink link = new SimLink(seed, 128_000, DELAY_NS, QUEUE_NS, 0.1);
        final SimFlow flow = flow(seed, link, 500_000, 0.1, START);
        run(0, 60 * SECOND, flow);
        final double lost = (double) flow.speechLost / (flow.speechLost + flow.speechPlayed);
        assertTrue(flow.speechPlayed > 2900, "played " + flow.speechPlayed);
        assertTrue(lost < 0.01, "speech lost " + lost);
        assertTrue(flow.videoDropped > flow.videoOffered / 2, "video does not fit, dropped " + flow.videoDropped);
        assertTrue(flow.control.targetBps() <= 1.5 * 128_000, "target " + flow.control.targetBps());
    }
}
