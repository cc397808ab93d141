package org.chevet.relay.client.export;

import java.util.ArrayList;
import java.util.List;
import org.chevet.relay.client.VitalsBlock;

/** Code systems and words both versions of FHIR share. */
final class FhirTerms {
    static final String MDC = "urn:iso:std:iso:11073:10101";
    static final String UCUM = "http://unitsofmeasure.org";
    static final String ABSENT_REASON = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
    static final String ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
    /** "Health test": data that is no patient's. */
    static final String TEST_DATA = "HTEST";
    private static final int PRIVATE_FROM = 0xF000;
    private static final int PRIVATE_TO = 0xFBFF;

    private FhirTerms() {
    }

    /** True for a term of MDC itself: those of a maker's range mean nothing under its name. */
    static boolean isStandard(final int mdc) {
        final int code = mdc & 0xFFFF;
        return mdc != 0 && (code < PRIVATE_FROM || code > PRIVATE_TO);
    }

    /** What a reader must know of the signal, in a sentence each. */
    static List<String> notes(final int flags) {
        final List<String> notes = new ArrayList<>();
        note(notes, flags, VitalsBlock.LEAD_OFF, "The device reported an electrode off.");
        note(notes, flags, VitalsBlock.LOW_QUALITY, "The device reported poor signal quality.");
        note(notes, flags, VitalsBlock.OVERRANGE, "The device reported values outside its range.");
        note(notes, flags, VitalsBlock.CALIBRATION, "Test signal of the device, not the patient.");
        note(notes, flags, VitalsBlock.TIME_UNCERTAIN, "The device's time was computed, not measured.");
        return notes;
    }

    private static void note(final List<String> notes, final int flags, final int flag, final String text) {
        if ((flags & flag) != 0) {
            notes.add(text);
        }
    }
}
