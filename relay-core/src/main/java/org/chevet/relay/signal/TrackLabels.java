package org.chevet.relay.signal;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.OpaqueId;
import org.chevet.relay.consultation.TrackClass;
import org.chevet.relay.route.ClinicalLabels;
import org.chevet.relay.signal.AnswerPlan.TrackLabel;

/**
 * What a publisher calls its tracks, checked as it is said. Used once. A sound that is called heart, lung, stethoscope
 * or auscultation, in English or French, is device audio also without being said to be, where the token grants it:
 * Opus for speech would take from it what is listened for.
 */
final class TrackLabels {
    private static final String AUDIO = "audio";
    private static final String VIDEO = "video";

    private final Map<String, TrackLabel> labels = new HashMap<>();
    private final boolean deviceAudio;
    private final boolean mayBeDevice;

    /**
     * No names yet.
     *
     * @param deviceAudio the sound comes from a medical device
     * @throws ProblemException when the token does not grant this kind of sound
     */
    TrackLabels(final Claims claims, final boolean deviceAudio) throws ProblemException {
        this.deviceAudio = deviceAudio;
        mayBeDevice = claims.grants().mayPublish(TrackClass.DEVICE_AUDIO);
        if (deviceAudio && !mayBeDevice) {
            throw MediaConnections.notGranted("publish:device-audio");
        }
        if (!deviceAudio && !claims.grants().mayPublish(TrackClass.AUDIO) && mayBeDevice) {
            throw MediaConnections.notGranted("publish:audio (the token grants device audio: say audio=device)");
        }
        if (deviceAudio) {
            labels.put(AUDIO, new TrackLabel("", true));
        }
    }

    /** A name for all tracks, or {@code key:name} for one mid, track id, "audio" or "video". */
    void add(final String value) throws ProblemException {
        check(value);
        final int colon = value.indexOf(':');
        if (colon < 0) {
            labels.put(AUDIO, new TrackLabel(value, isDevice(value)));
            labels.put(VIDEO, new TrackLabel(value, false));
        } else {
            put(value.substring(0, colon), value.substring(colon + 1));
        }
    }

    /** A name for one mid, track id, "audio" or "video". */
    void add(final String key, final String name) throws ProblemException {
        check(key);
        check(name);
        put(key, name);
    }

    private void put(final String key, final String name) {
        labels.put(key, new TrackLabel(name, !key.equals(VIDEO) && isDevice(name)));
    }

    private boolean isDevice(final String label) {
        return deviceAudio || (mayBeDevice && ClinicalLabels.isAuscultation(label));
    }

    private static void check(final String value) throws ProblemException {
        final Optional<String> fault = OpaqueId.faultOfName("label", value);
        if (fault.isPresent()) {
            throw new ProblemException(ProblemType.INVALID_ID, fault.get());
        }
    }

    Map<String, TrackLabel> labels() {
        return Map.copyOf(labels);
    }
}
