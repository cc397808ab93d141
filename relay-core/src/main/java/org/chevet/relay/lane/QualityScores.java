package org.chevet.relay.lane;

import java.util.LinkedHashMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.chevet.relay.lane.SessionRequest.Measures;
import org.chevet.relay.lane.SessionRequest.Quality;
import org.jspecify.annotations.Nullable;

/**
 * How good the connection of each participant is, per direction, from what clients report: 0, no conversation, to 100.
 * Told every 2 s when it has changed. One per consultation; lane thread only.
 *
 * <p>The formula is the transmission rating of ITU-T G.107 in its short form for packet voice (Cole and Rosenbluth,
 * 2001), scaled to 100 and lowered by the frozen part of the time; see {@code relay-core/docs/session.md}.
 */
final class QualityScores {
    /** Between two messages. */
    static final long PERIOD_NS = 2_000_000_000L;
    /** Between two reports of one participant that are taken. */
    static final long MIN_REPORT_NS = 1_000_000_000L;
    /** A report older than this says nothing any more. */
    static final long MAX_AGE_NS = 15_000_000_000L;
    /** Rating of a connection without delay and loss. */
    private static final double BEST = 93.2;
    /** What encoder, receiver's buffer and the frame itself take, in ms. */
    private static final double FIXED_MS = 20;
    private static final double KNEE_MS = 177.3;
    private static final double SLOPE = 0.024;
    private static final double STEEP = 0.11;
    private static final double MOST_LOSS = 95;
    /** Loss in percent that costs half of the most it can: Opus hides single losses. */
    private static final double HALF_LOSS = 10;

    private final Map<String, Report> reports = new LinkedHashMap<>();
    private String told = SessionMessages.qualityScore(List.of());
    private long nextNs = Long.MAX_VALUE;

    private record Report(Quality quality, long atNs) {
    }

    /**
     * The scores of one participant, null where nothing is known.
     *
     * @param up from the participant to the relay
     * @param down from the relay to the participant
     */
    record Score(String participant, @Nullable Integer up, @Nullable Integer down) {
    }

    /** Takes a report; false when it comes too soon after the one before. */
    boolean onReport(final String participant, final Quality quality, final long nowNs) {
        final Report before = reports.get(participant);
        if (before != null && nowNs - before.atNs() < MIN_REPORT_NS) {
            return false;
        }
        reports.put(participant, new Report(quality, nowNs));
        nextNs = nextNs == Long.MAX_VALUE ? nowNs + PERIOD_NS : nextNs;
        return true;
    }

    void onLeft(final String participant) {
        reports.remove(participant);
    }

    /** When {@link #look} is due, or {@code Long.MAX_VALUE}. */
    long nextDeadlineNs() {
        return nextNs;
    }

    /** The message when the scores have changed, else null. */
    @Nullable String look(final long nowNs) {
        reports.values().removeIf(report -> nowNs - report.atNs() > MAX_AGE_NS);
        nextNs = reports.isEmpty() ? Long.MAX_VALUE : nowNs + PERIOD_NS;
        final List<Score> scores = new ArrayList<>();
        reports.forEach((participant, report) -> scores.add(new Score(participant,
            scoreOf(report.quality().up()), scoreOf(report.quality().down()))));
        final String now = SessionMessages.qualityScore(scores);
        if (now.equals(told)) {
            return null;
        }
        told = now;
        return now;
    }

    /** What was told last, for who comes now. */
    String told() {
        return told;
    }

    private static @Nullable Integer scoreOf(final @Nullable Measures measures) {
        return measures == null ? null : score(measures);
    }

    /** The score of one direction, 0 to 100. */
    static int score(final Measures measures) {
        final double delayMs = measures.rttMs() / 2 + 2 * measures.jitterMs() + FIXED_MS;
        final double byDelay = SLOPE * delayMs + STEEP * Math.max(0, delayMs - KNEE_MS);
        final double byLoss = MOST_LOSS * measures.lossPercent() / (measures.lossPercent() + HALF_LOSS);
        final double rating = Math.max(0, BEST - byDelay - byLoss) / BEST;
        return (int) Math.round(100 * rating * (1 - measures.frozenPercent() / 100));
    }
}
