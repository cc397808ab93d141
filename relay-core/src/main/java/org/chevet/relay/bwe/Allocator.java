package org.chevet.relay.bwe;

import java.util.Arrays;

/**
 * Divides the bandwidth towards one participant among media and device streams, in clinical order (DESIGN 10).
 *
 * <p>For each run: {@link #begin}, one call per demand, {@link #run}, then ask for the grants. A demand keeps its
 * number from run to run; that is all that is remembered, so that nothing flaps: down is at once, up needs
 * {@link #MARGIN_PERCENT} to spare for {@link #RAISE_NS}, longer for one that fell back soon after it was raised.
 * Times of a run never go back.
 *
 * <p>What cannot be paused is granted in full even when it is more than the budget. The rest is served in the order
 * of the {@link ExamMode}: first everybody's lowest step, then more, step by step in turn within a class. A step that
 * does not fit leaves its place to whoever comes later; whoever comes later never costs it the place.
 *
 * <p>Plain arrays, nothing is allocated after construction. Lane thread only.
 */
public final class Allocator {
    /** Budget of a participant without a limit. */
    public static final long UNLIMITED = Long.MAX_VALUE;
    /** The step of a demand that gets nothing. */
    public static final int PAUSED = -1;
    /** Bound on the steps of a demand. */
    public static final int MAX_STEPS = 16;
    /** A higher step must fit into a budget smaller by this. */
    public static final int MARGIN_PERCENT = 15;
    /** For so long without a break. */
    public static final long RAISE_NS = 2_000_000_000L;
    /** In place of it for a demand that was never lowered: a picture is not to begin worse than it must. */
    public static final long FIRST_RAISE_NS = 500_000_000L;
    /** Doubled up to this for a demand that had to be lowered within {@link #RELAPSE_NS}. */
    public static final long MAX_RAISE_NS = 16_000_000_000L;
    /** See {@link #MAX_RAISE_NS}. */
    public static final long RELAPSE_NS = 10_000_000_000L;

    private static final int PERCENT = 100;
    private static final long NOT_RAISABLE = Long.MIN_VALUE;

    private final int capacity;
    private final ClinicalClass[] classes;
    private final boolean[] asked;
    private final boolean[] first;
    /** What cannot be paused, and what takes any rate from its first step to this one. */
    private final long[] wholeBps;
    private final boolean[] elastic;
    private final int[] steps;
    private final int[][] tags;
    private final long[][] ratesBps;
    private final int[] caps;
    private final int[] limits;
    private final int[] trial;
    private final int[] granted;
    private final long[] grantedBps;
    /** Memory of each demand. */
    private final boolean[] known;
    private final int[] presentTag;
    private final long[] presentBps;
    private final long[] raisableNs;
    private final long[] raisedNs;
    private final long[] waitNs;
    private ExamMode mode = ExamMode.NORMAL;
    private long budgetBps;
    private long leftBps;

    /** For demands of numbers 0 to {@code capacity} - 1. */
    public Allocator(final int capacity) {
        this.capacity = capacity;
        classes = new ClinicalClass[capacity];
        Arrays.fill(classes, ClinicalClass.BACKFILL);
        asked = new boolean[capacity];
        first = new boolean[capacity];
        wholeBps = new long[capacity];
        elastic = new boolean[capacity];
        steps = new int[capacity];
        tags = new int[capacity][MAX_STEPS];
        ratesBps = new long[capacity][MAX_STEPS];
        caps = new int[capacity];
        limits = new int[capacity];
        trial = new int[capacity];
        granted = new int[capacity];
        grantedBps = new long[capacity];
        known = new boolean[capacity];
        presentTag = new int[capacity];
        presentBps = new long[capacity];
        raisableNs = new long[capacity];
        raisedNs = new long[capacity];
        waitNs = new long[capacity];
    }

    /** Starts a run without demands. A change of mode forgets what was granted: all is decided anew at once. */
    public void begin(final ExamMode examMode) {
        if (examMode != mode) {
            Arrays.fill(known, false);
        }
        mode = examMode;
        Arrays.fill(asked, false);
        Arrays.fill(wholeBps, 0);
    }

    /** A demand that is granted whole whatever the budget, and comes off it first. */
    public void whole(final int demand, final ClinicalClass clinicalClass, final long rateBps) {
        ask(demand, clinicalClass);
        wholeBps[demand] = rateBps;
    }

    /** A demand of a class that can be paused which makes use of any rate between the two. */
    public void elastic(final int demand, final ClinicalClass clinicalClass, final long minimumBps,
        final long wantedBps) {
        ask(demand, clinicalClass);
        elastic[demand] = true;
        step(demand, minimumBps, 0);
        wholeBps[demand] = Math.max(minimumBps, wantedBps);
    }

    /** A video: add its steps, from the cheapest to the best, with {@link #step}. */
    public void video(final int demand, final ClinicalClass clinicalClass, final VideoProfile profile) {
        ask(demand, clinicalClass);
        first[demand] = mode.isFirst(clinicalClass, profile);
    }

    /**
     * The next step of a video, at a higher rate than the one before; more than {@link #MAX_STEPS} are left out.
     *
     * @param tag what the step is, so that it is known again when there are others in the next run
     */
    public void step(final int demand, final long rateBps, final int tag) {
        final int count = steps[demand];
        if (count < MAX_STEPS) {
            ratesBps[demand][count] = rateBps;
            tags[demand][count] = tag;
            steps[demand]++;
        }
    }

    private void ask(final int demand, final ClinicalClass clinicalClass) {
        asked[demand] = true;
        classes[demand] = clinicalClass;
        first[demand] = false;
        elastic[demand] = false;
        steps[demand] = 0;
    }

    /** Divides a budget in bits per second, which may be {@link #UNLIMITED}. */
    public void run(final long budgetBps, final long nowNs) {
        this.budgetBps = budgetBps;
        for (int i = 0; i < capacity; i++) {
            known[i] &= asked[i];
            caps[i] = mode.isLowest(classes[i]) ? Math.min(0, steps[i] - 1) : steps[i] - 1;
        }
        if (budgetBps == UNLIMITED) {
            fill(budgetBps, caps, granted);
        } else {
            fill(budgetBps * PERCENT / (PERCENT + MARGIN_PERCENT), caps, trial);
            for (int i = 0; i < capacity; i++) {
                limits[i] = asked[i] && known[i] ? Math.min(caps[i], mayRise(i, trial[i], nowNs)) : caps[i];
            }
            fill(budgetBps, limits, granted);
        }
        settle(nowNs);
    }

    /** The highest step that a demand may be given now: the present one, unless a better one has fitted for long. */
    private int mayRise(final int demand, final int possible, final long nowNs) {
        final int present = present(demand);
        if (possible <= present) {
            raisableNs[demand] = NOT_RAISABLE;
            return present;
        }
        if (raisableNs[demand] == NOT_RAISABLE) {
            raisableNs[demand] = nowNs;
        }
        return nowNs - raisableNs[demand] >= waitNs[demand] ? possible : present;
    }

    /** The step the last run granted, among those of this run. */
    private int present(final int demand) {
        if (presentBps[demand] == PAUSED) {
            return PAUSED;
        }
        int nearest = 0;
        for (int step = 0; step < steps[demand]; step++) {
            if (tags[demand][step] == presentTag[demand]) {
                return step;
            }
            nearest = ratesBps[demand][step] <= presentBps[demand] ? step : nearest;
        }
        return nearest;
    }

    private void fill(final long budgetBps, final int[] highest, final int[] into) {
        leftBps = budgetBps;
        for (int i = 0; i < capacity; i++) {
            into[i] = PAUSED;
            if (asked[i] && !elastic[i] && steps[i] == 0) {
                leftBps -= Math.min(wholeBps[i], UNLIMITED >> Short.SIZE);
            }
        }
        for (int place = 0; place < ExamMode.CLASSES; place++) {
            lowest(mode.at(place), true, highest, into);
            raise(mode.at(place), true, highest, into);
        }
        for (int place = 0; place < ExamMode.CLASSES; place++) {
            lowest(mode.at(place), false, highest, into);
        }
        for (int place = 0; place < ExamMode.CLASSES; place++) {
            raise(mode.at(place), false, highest, into);
            stretch(mode.at(place), into);
        }
    }

    private void lowest(final ClinicalClass clinicalClass, final boolean firsts, final int[] highest,
        final int[] into) {
        for (int i = 0; i < capacity; i++) {
            if (asked[i] && classes[i] == clinicalClass && first[i] == firsts && highest[i] >= 0 && steps[i] > 0
                && ratesBps[i][0] <= leftBps) {
                into[i] = 0;
                leftBps -= ratesBps[i][0];
            }
        }
    }

    /** One step each in turn, until nobody of the class can rise. */
    private void raise(final ClinicalClass clinicalClass, final boolean firsts, final int[] highest,
        final int[] into) {
        for (boolean any = true; any;) {
            any = false;
            for (int i = 0; i < capacity; i++) {
                if (asked[i] && classes[i] == clinicalClass && first[i] == firsts && into[i] >= 0
                    && into[i] < Math.min(highest[i], steps[i] - 1)) {
                    final long moreBps = ratesBps[i][into[i] + 1] - ratesBps[i][into[i]];
                    if (moreBps <= leftBps) {
                        into[i]++;
                        leftBps -= moreBps;
                        any = true;
                    }
                }
            }
        }
    }

    private void stretch(final ClinicalClass clinicalClass, final int[] into) {
        for (int i = 0; i < capacity; i++) {
            if (asked[i] && elastic[i] && classes[i] == clinicalClass && into[i] >= 0) {
                final long moreBps = Math.min(leftBps, wholeBps[i] - ratesBps[i][0]);
                grantedBps[i] = ratesBps[i][0] + moreBps;
                leftBps -= moreBps;
            }
        }
    }

    private void settle(final long nowNs) {
        for (int i = 0; i < capacity; i++) {
            if (!asked[i]) {
                granted[i] = PAUSED;
                grantedBps[i] = 0;
            } else if (steps[i] == 0) {
                grantedBps[i] = wholeBps[i];
            } else if (granted[i] == PAUSED) {
                grantedBps[i] = 0;
                remember(i, PAUSED, 0, nowNs);
            } else {
                grantedBps[i] = elastic[i] ? grantedBps[i] : ratesBps[i][granted[i]];
                remember(i, granted[i], ratesBps[i][granted[i]], nowNs);
            }
        }
    }

    private void remember(final int demand, final int step, final long rateBps, final long nowNs) {
        if (!known[demand]) {
            known[demand] = true;
            waitNs[demand] = FIRST_RAISE_NS;
            raisableNs[demand] = NOT_RAISABLE;
            raisedNs[demand] = nowNs - RELAPSE_NS;
        } else {
            final int before = present(demand);
            if (step > before) {
                raisedNs[demand] = nowNs;
                raisableNs[demand] = NOT_RAISABLE;
            } else if (step < before) {
                waitNs[demand] = waitAfterFall(demand, nowNs);
                raisableNs[demand] = NOT_RAISABLE;
            }
        }
        presentBps[demand] = step == PAUSED ? PAUSED : rateBps;
        presentTag[demand] = step == PAUSED ? 0 : tags[demand][step];
    }

    private long waitAfterFall(final int demand, final long nowNs) {
        if (presentBps[demand] == 0 && waitNs[demand] == FIRST_RAISE_NS) {
            // It was granted before anybody knew what it costs.
            return FIRST_RAISE_NS;
        }
        return nowNs - raisedNs[demand] < RELAPSE_NS
            ? Math.clamp(2 * waitNs[demand], RAISE_NS, MAX_RAISE_NS) : RAISE_NS;
    }

    /** What a demand had is forgotten: the next run may raise it at once, as when somebody asks for more. */
    public void forget(final int demand) {
        known[demand] = false;
    }

    /** The step a video was granted, or {@link #PAUSED}; also PAUSED for what has no steps or was not asked for. */
    public int step(final int demand) {
        return granted[demand];
    }

    /** True when the last run had this demand. */
    public boolean isAsked(final int demand) {
        return asked[demand];
    }

    /** The tag of the step a video was granted. Only when it is not paused. */
    public int tag(final int demand) {
        return tags[demand][granted[demand]];
    }

    /** Bits per second a demand was granted, 0 when paused. */
    public long grantedBps(final int demand) {
        return grantedBps[demand];
    }

    /**
     * What a video could be granted if it had steps of any rate: the budget without what comes before it, and without
     * the lowest steps that its equals and those behind it were granted. {@link #UNLIMITED} without a limit.
     */
    public long possibleBps(final int demand) {
        if (budgetBps == UNLIMITED) {
            return UNLIMITED;
        }
        long possibleBps = budgetBps;
        for (int i = 0; i < capacity; i++) {
            if (asked[i] && i != demand) {
                final boolean lowered = steps[i] > 0 && !isBefore(i, demand) && granted[i] >= 0;
                possibleBps -= lowered ? ratesBps[i][0] : grantedBps[i];
            }
        }
        return Math.max(0, possibleBps);
    }

    private boolean isBefore(final int one, final int other) {
        return first[one] != first[other] ? first[one] : placeOf(classes[one]) < placeOf(classes[other]);
    }

    private int placeOf(final ClinicalClass clinicalClass) {
        for (int place = 0; place < ExamMode.CLASSES; place++) {
            if (mode.at(place) == clinicalClass) {
                return place;
            }
        }
        return PAUSED;
    }

    /** Bits per second nobody was granted; less than 0 when what cannot be paused is more than the budget. */
    public long leftBps() {
        return leftBps;
    }
}
