package org.chevet.relay.lane;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.chevet.relay.stream.AudioLevel;
import org.jspecify.annotations.Nullable;

/**
 * Who speaks, and how loud everybody is, worth telling at most five times a second and only when it has changed. One
 * per consultation; lane thread only.
 */
final class Speakers {
    /** Between two looks: 200 ms. */
    static final long PERIOD_NS = 200_000_000L;
    /** Quieter than this is nobody speaking. */
    static final int SPEECH_DBOV = -50;
    /** Somebody else becomes the active speaker only when louder by this. */
    static final int MARGIN_DB = 6;
    /** A smaller change of level is not worth a message. */
    static final int STEP_DB = 3;
    private static final int NOBODY = -1;

    private final Map<Integer, Integer> told = new HashMap<>();
    private int active = NOBODY;
    private long nextNs = Long.MIN_VALUE;
    private boolean audible;

    /**
     * The level of one audio publication.
     *
     * @param publication its id
     * @param participant who publishes
     * @param dbov smoothed level, {@link AudioLevel#SILENT} when it is muted
     */
    record Level(int publication, String participant, int dbov) {
    }

    /** True when it is time for a look. */
    boolean isDue(final long nowNs) {
        return nowNs >= nextNs;
    }

    /** When there must be a look though nobody sends anything: sound that stopped is told as silence. */
    long nextDeadlineNs() {
        return audible ? nextNs : Long.MAX_VALUE;
    }

    /** Looks at the levels of all audio publications; the message when there is something to tell, else null. */
    @Nullable String look(final List<Level> levels, final long nowNs) {
        nextNs = nowNs + PERIOD_NS;
        audible = false;
        boolean changed = told.keySet().retainAll(levels.stream().map(Level::publication).toList());
        for (final Level level : levels) {
            audible |= level.dbov() > AudioLevel.SILENT;
            final Integer before = told.get(level.publication());
            final int toldDbov = before == null ? AudioLevel.SILENT : before;
            final boolean fellSilent = level.dbov() == AudioLevel.SILENT && toldDbov != AudioLevel.SILENT;
            if (fellSilent || Math.abs(level.dbov() - toldDbov) >= STEP_DB) {
                changed = true;
            }
        }
        final int speaker = speakerOf(levels);
        changed |= speaker != active;
        active = speaker;
        if (!changed) {
            return null;
        }
        levels.forEach(level -> told.put(level.publication(), level.dbov()));
        return SessionMessages.speakers(active == NOBODY ? null : active, new ArrayList<>(levels));
    }

    private int speakerOf(final List<Level> levels) {
        Level loudest = null;
        Level present = null;
        for (final Level level : levels) {
            if (level.dbov() >= SPEECH_DBOV) {
                loudest = loudest == null || level.dbov() > loudest.dbov() ? level : loudest;
                present = level.publication() == active ? level : present;
            }
        }
        if (loudest == null) {
            return NOBODY;
        }
        return present != null && loudest.dbov() - present.dbov() < MARGIN_DB ? active : loudest.publication();
    }
}
