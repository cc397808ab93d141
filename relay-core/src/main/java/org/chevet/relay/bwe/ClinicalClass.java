package org.chevet.relay.bwe;

/** Classes of outgoing traffic in the order in which they are served; the last one yields first. */
public enum ClinicalClass {
    /** Alerts, and what holds a connection together: RTCP, acknowledgements. */
    ALERT(false),
    /** Single measurements. */
    NUMERICS(false),
    /** Speech of people. */
    SPEECH(false),
    /** Waveforms as they are measured. */
    WAVEFORM(false),
    /** Sound of a device, such as a stethoscope. */
    DEVICE_AUDIO(false),
    /** Video of a scope or of a guided gesture. */
    GUIDED_VIDEO(true),
    /** Video of people. */
    FACE_VIDEO(true),
    /** What was missed earlier, objects, probes. */
    BACKFILL(true);

    private final boolean paced;

    ClinicalClass(final boolean paced) {
        this.paced = paced;
    }

    /** True when packets of this class wait for the pacer; the others only use up its budget. */
    public boolean isPaced() {
        return paced;
    }
}
