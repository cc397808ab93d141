package org.chevet.relay.route;

import java.util.List;
import java.util.Locale;
import org.chevet.relay.bwe.ClinicalClass;
import org.chevet.relay.bwe.VideoProfile;

/**
 * Which clinical class a track is, from what its publisher says of it. Labels are free text, so a word in them only
 * ever lifts a track above a face or a voice; one that is not recognised is a face or a voice.
 */
public final class ClinicalLabels {
    /** Parts of labels, in English and French, of videos of an examination. */
    private static final List<String> GUIDED = List.of("scope", "ultrasound", "echograph", "échograph",
        "intraoral", "intra-oral", "guided", "guidé", "gesture", "geste");
    private static final List<String> DEVICE_SOUND = List.of("scope", "heart", "lung", "coeur", "cœur", "poumon",
        "auscult", "doppler");
    /** Those of them that nobody says of a camera with a microphone: an otoscope's sound is a voice. */
    private static final List<String> AUSCULTATION = List.of("stethoscop", "stéthoscop", "heart", "lung", "coeur",
        "cœur", "poumon", "auscult");
    /** What the relay answers for device audio and never for speech: no pauses of the encoder. */
    private static final String WITHOUT_DTX = "usedtx=0";

    private ClinicalLabels() {
    }

    /** True when the label of a track of sound says that it is of the heart or the lungs. */
    public static boolean isAuscultation(final String label) {
        final String lower = label.toLowerCase(Locale.ROOT);
        return AUSCULTATION.stream().anyMatch(lower::contains);
    }

    /** True when the publisher was answered as one of device audio. */
    static boolean withoutPauses(final List<NegotiatedCodec> codecs) {
        return codecs.stream().anyMatch(codec -> codec.fmtp().contains(WITHOUT_DTX));
    }

    static ClinicalClass classOf(final NegotiatedSection section, final VideoProfile profile) {
        final String label = section.label().toLowerCase(Locale.ROOT);
        if (section.kind() == MediaKind.VIDEO) {
            return profile != VideoProfile.BALANCED || GUIDED.stream().anyMatch(label::contains)
                ? ClinicalClass.GUIDED_VIDEO : ClinicalClass.FACE_VIDEO;
        }
        return withoutPauses(section.codecs())
            || DEVICE_SOUND.stream().anyMatch(label::contains) ? ClinicalClass.DEVICE_AUDIO : ClinicalClass.SPEECH;
    }
}
