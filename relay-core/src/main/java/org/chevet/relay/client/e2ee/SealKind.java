package org.chevet.relay.client.e2ee;

/** What a key is for: a message of one kind does not open as another. */
public enum SealKind {
    /** Audio frames. */
    AUDIO("audio", true),
    /** Video frames. */
    VIDEO("video", true),
    /** Blocks of waveforms, numerics, device audio and events. */
    VITALS("vitals", false),
    /** Blocks of objects. */
    OBJECT("object", false),
    /** Blocks of alerts. */
    ALERT("alert", false),
    /** Chat. */
    CHAT("chat", true),
    /** Drawings over a picture. */
    ANNOTATION("annotation", true);

    private final String label;
    private final boolean passing;

    SealKind(final String label, final boolean passing) {
        this.label = label;
        this.passing = passing;
    }

    /** Name in the key derivation. */
    public String label() {
        return label;
    }

    /**
     * True when what was sent is not sent again: counters are taken once, and an epoch before the newest ends after a
     * grace. Others have a sequence that guards them and may be sent again long after.
     */
    public boolean isPassing() {
        return passing;
    }
}
