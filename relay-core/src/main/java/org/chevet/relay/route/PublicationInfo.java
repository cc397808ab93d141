package org.chevet.relay.route;

import java.util.List;

/**
 * A published track, as signalling and the roster see it. A snapshot: safe on any thread.
 *
 * @param id unique in its consultation, never reused
 * @param participant who publishes
 * @param mid media section of the publisher's offer
 * @param kind audio or video
 * @param label what people call it ("camera", "ultrasound"), "" when none
 * @param codecs codecs the publisher may send
 */
public record PublicationInfo(int id, String participant, String mid, MediaKind kind, String label,
    List<NegotiatedCodec> codecs) {

    /** Copies the list. */
    public PublicationInfo {
        codecs = List.copyOf(codecs);
    }

    /** True for the sound of a medical device, as it was agreed with its publisher: Opus without pauses (DTX). */
    public boolean isDeviceAudio() {
        return kind == MediaKind.AUDIO && ClinicalLabels.withoutPauses(codecs);
    }
}
