package org.chevet.relay.bwe;

import static org.chevet.relay.bwe.ClinicalClass.BACKFILL;
import static org.chevet.relay.bwe.ClinicalClass.DEVICE_AUDIO;
import static org.chevet.relay.bwe.ClinicalClass.FACE_VIDEO;
import static org.chevet.relay.bwe.ClinicalClass.GUIDED_VIDEO;
import static org.chevet.relay.bwe.ClinicalClass.NUMERICS;
import static org.chevet.relay.bwe.ClinicalClass.SPEECH;
import static org.chevet.relay.bwe.ClinicalClass.WAVEFORM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets which share of a budget: worked examples, and rules over many random demands. */
@Tag("REQ-O15")
class AllocatorTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int SPEECH_AT = 0;
    private static final int SOUND_AT = 1;
    private static final int VITALS_AT = 2;
    private static final int SCOPE_AT = 3;
    private static final int FACE_AT = 4;
    private static final int OTHER_FACE_AT = 5;
    private static final int BACKFILL_AT = 6;
    private final Allocator allocator = new Allocator(7);

    /**
     * A consultation: speech 40, device sound 100, waveforms 60 are 200 kbit/s that nothing lowers; a scope of 150, 500
     * or 1500, two faces of 100 or 400, and backfill of 20 to 200 kbit/s.
     */
    private void ask(final ExamMode mode) {
        allocator.begin(mode);
        allocator.whole(SPEECH_AT, SPEECH, 40_000);
        allocator.whole(SOUND_AT, DEVICE_AUDIO, 100_000);
        allocator.whole(VITALS_AT, WAVEFORM, 60_000);
        video(SCOPE_AT, GUIDED_VIDEO, 150, 500, 1500);
        video(FACE_AT, FACE_VIDEO, 100, 400);
        video(OTHER_FACE_AT, FACE_VIDEO, 100, 400);
        allocator.elastic(BACKFILL_AT, BACKFILL, 20_000, 200_000);
    }

    private void video(final int demand, final ClinicalClass clinicalClass, final int... kilobits) {
        allocator.video(demand, clinicalClass, VideoProfile.BALANCED);
        for (int i = 0; i < kilobits.length; i++) {
            allocator.step(demand, kilobits[i] * 1000L, i);
        }
    }

    /** In kbit/s: the budget, then what scope, face, other face and backfill get; 0 is paused. */
    @ParameterizedTest
    @CsvSource({
        // Less than what cannot be lowered: that goes on, all else waits.
        "NORMAL,         50,    0,   0,   0,   0",
        "NORMAL,        200,    0,   0,   0,   0",
        // No room for the scope's lowest step: a smaller one behind it may use what the scope cannot.
        "NORMAL,        330,    0, 100,   0,  30",
        "NORMAL,        350,  150,   0,   0,   0",
        "NORMAL,        380,  150,   0,   0,  30",
        "NORMAL,        450,  150, 100,   0,   0",
        "NORMAL,        550,  150, 100, 100,   0",
        "NORMAL,        570,  150, 100, 100,  20",
        // The scope rises before faces do.
        "NORMAL,        920,  500, 100, 100,  20",
        "NORMAL,       1220,  500, 400, 100,  20",
        "NORMAL,       1520,  500, 400, 400,  20",
        "NORMAL,       1700,  500, 400, 400, 200",
        "NORMAL,       1920, 1500, 100, 100,  20",
        "NORMAL,       2700, 1500, 400, 400, 200",
        // Scope and gesture: nothing for faces before the guided video has all it wants.
        "SCOPE,         570,  150, 100, 100,  20",
        "SCOPE,         700,  500,   0,   0,   0",
        "SCOPE,         800,  500, 100,   0,   0",
        "SCOPE,        1700, 1500,   0,   0,   0",
        "SCOPE,        1920, 1500, 100, 100,  20",
        "GESTURE,      1700, 1500,   0,   0,   0",
        // Listening: backfill before faces, which stay small however much there is.
        "AUSCULTATION,  380,  150,   0,   0,  30",
        "AUSCULTATION,  470,  150, 100,   0,  20",
        "AUSCULTATION, 9000, 1500, 100, 100, 200",
    })
    void theOrderIsKept(final ExamMode mode, final long budget, final long scope, final long face,
        final long otherFace, final long backfill) {
        ask(mode);
        allocator.run(budget * 1000, 0);
        assertEquals(List.of(40L, 100L, 60L, scope, face, otherFace, backfill),
            List.of(kilobits(SPEECH_AT), kilobits(SOUND_AT), kilobits(VITALS_AT), kilobits(SCOPE_AT),
                kilobits(FACE_AT), kilobits(OTHER_FACE_AT), kilobits(BACKFILL_AT)));
    }

    private long kilobits(final int demand) {
        return allocator.grantedBps(demand) / 1000;
    }

    @Test
    void withoutLimitAllGetTheBestAndRiseAtOnce() {
        ask(ExamMode.NORMAL);
        allocator.run(Allocator.UNLIMITED, 0);
        assertEquals(1500, kilobits(SCOPE_AT));
        assertEquals(400, kilobits(OTHER_FACE_AT));
        run(400_000, SECOND_NS);
        assertEquals(150, kilobits(SCOPE_AT));
        run(Allocator.UNLIMITED, SECOND_NS + 1);
        assertEquals(1500, kilobits(SCOPE_AT));
    }

    private void run(final long budgetBps, final long nowNs) {
        ask(ExamMode.NORMAL);
        allocator.run(budgetBps, nowNs);
    }

    @Test
    void downIsAtOnceAndUpNeedsRoomAndTime() {
        run(2_700_000, 0);
        assertEquals(1500, kilobits(SCOPE_AT));
        run(2_300_000, 1);
        assertEquals(1500, kilobits(SCOPE_AT));
        assertEquals(400, kilobits(FACE_AT));
        assertEquals(100, kilobits(OTHER_FACE_AT));
        run(1_000_000, 2);
        assertEquals(500, kilobits(SCOPE_AT));
        // 1920 kbit/s is enough for 1500, but not with 15 % to spare.
        for (int i = 0; i < 100; i++) {
            run(1_920_000, i * SECOND_NS);
            assertEquals(500, kilobits(SCOPE_AT));
        }
        run(2_250_000, 100 * SECOND_NS);
        assertEquals(500, kilobits(SCOPE_AT));
        run(2_250_000, 102 * SECOND_NS - 1);
        assertEquals(500, kilobits(SCOPE_AT));
        run(2_250_000, 102 * SECOND_NS);
        assertEquals(1500, kilobits(SCOPE_AT));
    }

    @Test
    void aDipOnTheWayStartsTheTimeAnew() {
        run(2_700_000, 0);
        run(1_000_000, 1);
        run(2_700_000, SECOND_NS);
        run(1_000_000, 2 * SECOND_NS);
        run(2_700_000, 2 * SECOND_NS + 1);
        run(2_700_000, 4 * SECOND_NS);
        assertEquals(500, kilobits(SCOPE_AT));
        run(2_700_000, 4 * SECOND_NS + 1);
        assertEquals(1500, kilobits(SCOPE_AT));
    }

    @Test
    void whoFallsBackSoonWaitsLonger() {
        run(1_000_000, 0);
        long nowNs = 0;
        final List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            final long fromNs = nowNs;
            while (kilobits(SCOPE_AT) < 1500) {
                run(2_700_000, nowNs);
                nowNs += SECOND_NS / 10;
            }
            waits.add((nowNs - fromNs) / SECOND_NS);
            run(1_000_000, nowNs);
            assertEquals(500, kilobits(SCOPE_AT));
        }
        assertEquals(List.of(0L, 2L, 4L, 8L, 16L, 16L), waits);
    }

    @Test
    void whoWasNeverLoweredRisesSoon() {
        run(1_000_000, 0);
        run(2_700_000, SECOND_NS);
        run(2_700_000, SECOND_NS + Allocator.FIRST_RAISE_NS - 1);
        assertEquals(500, kilobits(SCOPE_AT));
        run(2_700_000, SECOND_NS + Allocator.FIRST_RAISE_NS);
        assertEquals(1500, kilobits(SCOPE_AT));
    }

    @Test
    void aVideoOfAnyRateCouldHaveWhatOthersHaveAboveTheirLowest() {
        run(1_920_000, 0);
        assertEquals(1500, kilobits(SCOPE_AT));
        // Behind 200 kbit/s of sound and waveforms, and the lowest steps of faces and backfill.
        assertEquals(1_920_000 - 200_000 - 220_000, allocator.possibleBps(SCOPE_AT));
        assertEquals(1_920_000 - 200_000 - 1_500_000 - 120_000, allocator.possibleBps(FACE_AT));
        run(100_000, 1);
        assertEquals(0, allocator.possibleBps(SCOPE_AT));
        run(Allocator.UNLIMITED, 2);
        assertEquals(Allocator.UNLIMITED, allocator.possibleBps(FACE_AT));
    }

    @Test
    void aChangeOfModeAndAWishAreDecidedAtOnce() {
        run(750_000, 0);
        assertEquals(150, kilobits(SCOPE_AT));
        ask(ExamMode.SCOPE);
        allocator.run(750_000, 1);
        assertEquals(500, kilobits(SCOPE_AT));
        assertEquals(0, kilobits(FACE_AT));
        run(750_000, 2);
        assertEquals(150, kilobits(SCOPE_AT));
        assertEquals(100, kilobits(FACE_AT));
        run(5_000_000, 3);
        assertEquals(150, kilobits(SCOPE_AT));
        allocator.forget(SCOPE_AT);
        run(5_000_000, 4);
        assertEquals(1500, kilobits(SCOPE_AT));
        assertEquals(100, kilobits(FACE_AT));
    }

    @Test
    void aStepIsKnownByItsTagWhenOthersAreThere() {
        allocator.begin(ExamMode.NORMAL);
        allocator.video(0, FACE_VIDEO, VideoProfile.BALANCED);
        allocator.step(0, 100, 7);
        allocator.step(0, 200, 8);
        allocator.run(250, 0);
        assertEquals(8, allocator.tag(0));
        allocator.begin(ExamMode.NORMAL);
        allocator.video(0, FACE_VIDEO, VideoProfile.BALANCED);
        allocator.step(0, 50, 6);
        allocator.step(0, 100, 7);
        allocator.step(0, 210, 8);
        allocator.run(250, 1);
        assertEquals(8, allocator.tag(0));
        assertEquals(2, allocator.step(0));
    }

    @Test
    void ofTwoGuidedVideosTheModeTakesTheOneForIt() {
        for (final ExamMode mode : List.of(ExamMode.SCOPE, ExamMode.GESTURE)) {
            allocator.begin(mode);
            allocator.video(0, GUIDED_VIDEO, VideoProfile.MOTION);
            allocator.step(0, 100, 0);
            allocator.step(0, 900, 1);
            allocator.video(1, GUIDED_VIDEO, VideoProfile.DETAIL);
            allocator.step(1, 100, 0);
            allocator.step(1, 900, 1);
            allocator.run(1000, 0);
            assertEquals(mode == ExamMode.GESTURE ? 1 : 0, allocator.step(0));
            assertEquals(mode == ExamMode.SCOPE ? 1 : 0, allocator.step(1));
        }
    }

    /** One random demand: whole where it cannot be paused. */
    private record Demand(ClinicalClass clinicalClass, VideoProfile profile, List<Long> rates) {
        boolean isWhole() {
            return clinicalClass.compareTo(GUIDED_VIDEO) < 0;
        }
    }

    private static List<Demand> random(final Random random) {
        final List<Demand> demands = new ArrayList<>();
        final ClinicalClass[] classes =
            {NUMERICS, SPEECH, DEVICE_AUDIO, GUIDED_VIDEO, FACE_VIDEO, FACE_VIDEO, BACKFILL};
        for (int i = random.nextInt(8); i >= 0; i--) {
            final List<Long> rates = new ArrayList<>();
            long rate = 0;
            for (int step = random.nextInt(Allocator.MAX_STEPS); step >= 0; step--) {
                rate += 1 + random.nextInt(300);
                rates.add(rate);
            }
            demands.add(new Demand(classes[random.nextInt(classes.length)],
                VideoProfile.values()[random.nextInt(3)], rates));
        }
        return demands;
    }

    private static long wholeOf(final List<Demand> demands) {
        return demands.stream().filter(Demand::isWhole).mapToLong(demand -> demand.rates().get(0)).sum();
    }

    private static void ask(final Allocator from, final List<Demand> demands, final ExamMode mode) {
        from.begin(mode);
        for (int i = 0; i < demands.size(); i++) {
            final Demand demand = demands.get(i);
            if (demand.isWhole()) {
                from.whole(i, demand.clinicalClass(), demand.rates().get(0));
            } else {
                from.video(i, demand.clinicalClass(), demand.profile());
                for (int step = 0; step < demand.rates().size(); step++) {
                    from.step(i, demand.rates().get(step), step);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void moreBudgetNeverTakesFromWhoComesFirst(final long seed) {
        final Random random = new Random(seed);
        for (int round = 0; round < 400; round++) {
            final List<Demand> demands = random(random);
            final ExamMode mode = ExamMode.values()[random.nextInt(4)];
            final long whole = wholeOf(demands);
            List<Boolean> before = List.of();
            for (long budget = 0; budget < 6000; budget += 1 + random.nextInt(300)) {
                final Allocator fresh = new Allocator(demands.size());
                ask(fresh, demands, mode);
                fresh.run(budget, 0);
                final String replay = "seed " + seed + " round " + round + " budget " + budget;
                long total = 0;
                for (int i = 0; i < demands.size(); i++) {
                    total += fresh.grantedBps(i);
                    assertTrue(!demands.get(i).isWhole()
                        || fresh.grantedBps(i) == demands.get(i).rates().get(0), replay);
                }
                assertTrue(total <= Math.max(budget, whole), replay);
                assertEquals(budget - total, fresh.leftBps(), replay);
                final List<Boolean> now = taken(fresh, demands, mode, budget - whole, replay);
                assertTrue(compare(before, now) <= 0, replay);
                before = now;
            }
        }
    }

    /**
     * All steps in the order in which they are to be served, and for each whether it was granted. One that was not must
     * not have fitted into what those before it had left, unless its demand stays low in this mode.
     */
    private static List<Boolean> taken(final Allocator from, final List<Demand> demands, final ExamMode mode,
        final long availableBps, final String replay) {
        final List<int[]> order = new ArrayList<>();
        for (final boolean first : new boolean[] {true, false}) {
            for (final boolean lowest : new boolean[] {true, false}) {
                for (int place = 0; place < ExamMode.CLASSES; place++) {
                    for (int step = lowest ? 0 : 1; step < (lowest ? 1 : Allocator.MAX_STEPS); step++) {
                        for (int i = 0; i < demands.size(); i++) {
                            final Demand demand = demands.get(i);
                            if (demand.clinicalClass() == mode.at(place) && step < demand.rates().size()
                                && mode.isFirst(demand.clinicalClass(), demand.profile()) == first) {
                                order.add(new int[] {i, step});
                            }
                        }
                    }
                }
            }
        }
        final List<Boolean> taken = new ArrayList<>();
        long leftBps = availableBps;
        for (final int[] item : order) {
            final Demand demand = demands.get(item[0]);
            final long costBps = demand.rates().get(item[1]) - (item[1] == 0 ? 0 : demand.rates().get(item[1] - 1));
            final boolean granted = from.step(item[0]) >= item[1];
            final boolean possible = from.step(item[0]) >= item[1] - 1
                && !(item[1] > 0 && mode.isLowest(demand.clinicalClass()));
            assertTrue(granted || !possible || costBps > leftBps, replay + ": a place was left empty");
            assertTrue(!granted || possible, replay);
            leftBps -= granted ? costBps : 0;
            taken.add(granted);
        }
        return taken;
    }

    private static int compare(final List<Boolean> one, final List<Boolean> other) {
        for (int i = 0; i < one.size(); i++) {
            if (!one.get(i).equals(other.get(i))) {
                return Boolean.compare(one.get(i), other.get(i));
            }
        }
        return 0;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aNoisyBudgetIsKeptAndDoesNotFlap(final long seed) {
        final Random random = new Random(seed);
        final List<Demand> demands = random(random);
        final Allocator noisy = new Allocator(demands.size());
        final long whole = wholeOf(demands);
        final int[] steps = new int[demands.size()];
        final int[] raises = new int[demands.size()];
        final double centre = whole + random.nextInt(3000);
        final int seconds = 600;
        for (int tick = 0; tick < seconds * 10; tick++) {
            final long budget = (long) (centre * (1 + 0.3 * random.nextGaussian() * (tick % 70 < 10 ? 1 : 0.1)));
            ask(noisy, demands, ExamMode.NORMAL);
            noisy.run(budget, tick * SECOND_NS / 10);
            long total = 0;
            for (int i = 0; i < demands.size(); i++) {
                total += noisy.grantedBps(i);
                raises[i] += tick > 0 && noisy.step(i) > steps[i] ? 1 : 0;
                steps[i] = noisy.step(i);
            }
            assertTrue(total <= Math.max(budget, whole), "seed " + seed + " tick " + tick);
        }
        for (final int count : raises) {
            // Ten bad stretches a minute at most; every two seconds would be 300.
            assertTrue(count <= seconds / 6, "seed " + seed + ": raised " + count + " times");
        }
    }
}
