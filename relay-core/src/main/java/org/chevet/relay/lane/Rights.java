package org.chevet.relay.lane;

import java.util.EnumSet;
import java.util.Set;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.TrackClass;
import org.chevet.relay.vitals.VitalsRights;

/** From the grants of a token to the kinds of device stream they open. */
final class Rights {
    private Rights() {
    }

    static VitalsRights of(final Grants grants) {
        return new VitalsRights(kinds(grants.publish()), kinds(grants.subscribe()));
    }

    private static Set<Kind> kinds(final Set<TrackClass> classes) {
        final Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        for (final TrackClass trackClass : classes) {
            switch (trackClass) {
                case WAVEFORM -> kinds.add(Kind.WAVEFORM);
                case NUMERIC -> kinds.add(Kind.NUMERIC);
                case DEVICE_AUDIO -> kinds.add(Kind.DEVICE_AUDIO);
                case EVENT -> kinds.add(Kind.EVENT);
                case ALERT -> kinds.add(Kind.ALERT);
                case OBJECT -> kinds.add(Kind.OBJECT);
                case AUDIO, VIDEO -> {
                }
            }
        }
        return kinds;
    }
}
