package org.chevet.codec.vitals;

import java.util.Locale;

/** Codes of IEEE 11073-10101 (MDC) that devices of a teleconsultation use, as context-free 32-bit numbers. */
public final class Mdc {
    /** No code. */
    public static final int NONE = 0;
    /** ECG lead I. */
    public static final int ECG_LEAD_I = 131329;
    /** ECG lead II. */
    public static final int ECG_LEAD_II = 131330;
    /** ECG lead III. */
    public static final int ECG_LEAD_III = 131389;
    /** ECG lead aVR. */
    public static final int ECG_LEAD_AVR = 131390;
    /** ECG lead aVL. */
    public static final int ECG_LEAD_AVL = 131391;
    /** ECG lead aVF. */
    public static final int ECG_LEAD_AVF = 131392;
    /** ECG lead V1; V2 to V6 follow. */
    public static final int ECG_LEAD_V1 = 131331;
    /** ECG lead V2. */
    public static final int ECG_LEAD_V2 = 131332;
    /** ECG lead V3. */
    public static final int ECG_LEAD_V3 = 131333;
    /** ECG lead V4. */
    public static final int ECG_LEAD_V4 = 131334;
    /** ECG lead V5. */
    public static final int ECG_LEAD_V5 = 131335;
    /** ECG lead V6. */
    public static final int ECG_LEAD_V6 = 131336;
    /** Plethysmogram. */
    public static final int PLETH = 150452;
    /** Impedance respiration wave. */
    public static final int RESPIRATION_WAVE = 151780;
    /** Oxygen saturation by pulse oximetry. */
    public static final int SPO2 = 150456;
    /** Pulse rate of the oximeter. */
    public static final int PULSE_RATE = 149530;
    /** Heart rate. */
    public static final int HEART_RATE = 147842;
    /** Cuff pressure: the atomic measurement. */
    public static final int CUFF = 150020;
    /** Cuff pressure, systolic. */
    public static final int CUFF_SYSTOLIC = 150021;
    /** Cuff pressure, diastolic. */
    public static final int CUFF_DIASTOLIC = 150022;
    /** Cuff pressure, mean. */
    public static final int CUFF_MEAN = 150023;
    /** Arterial pressure wave. */
    public static final int ARTERIAL_PRESSURE_WAVE = 150036;
    /** Arterial pressure, systolic. */
    public static final int ARTERIAL_SYSTOLIC = 150037;
    /** Arterial pressure, diastolic. */
    public static final int ARTERIAL_DIASTOLIC = 150038;
    /** Arterial pressure, mean. */
    public static final int ARTERIAL_MEAN = 150039;
    /** Body temperature. */
    public static final int BODY_TEMPERATURE = 150364;
    /** Tympanic temperature. */
    public static final int TYMPANIC_TEMPERATURE = 150392;
    /** Glucose in capillary whole blood. */
    public static final int CAPILLARY_GLUCOSE = 160184;
    /**
     * Heart sound. MDC has no term for it: a private one, partition 2 (SCADA), code 0xF000 of the range that
     * IEEE 11073-10101 leaves to makers (0xF000 to 0xFBFF). Goes with a body site or a label of the site.
     */
    public static final int PRIVATE_HEART_SOUND = 2 << 16 | 0xF000;
    /** Lung sound: private term, code 0xF001 of partition 2. */
    public static final int PRIVATE_LUNG_SOUND = 2 << 16 | 0xF001;

    private Mdc() {
    }

    /**
     * The code of a standard ECG lead by its name in any case ("II", "aVR", "v5"), or NONE: modified leads (MLII, MCL1)
     * are not the standard ones and get none.
     */
    public static int ofEcgLead(final String name) {
        return switch (name.toUpperCase(Locale.ROOT)) {
            case "I" -> ECG_LEAD_I;
            case "II" -> ECG_LEAD_II;
            case "III" -> ECG_LEAD_III;
            case "AVR" -> ECG_LEAD_AVR;
            case "AVL" -> ECG_LEAD_AVL;
            case "AVF" -> ECG_LEAD_AVF;
            case "V1" -> ECG_LEAD_V1;
            case "V2" -> ECG_LEAD_V2;
            case "V3" -> ECG_LEAD_V3;
            case "V4" -> ECG_LEAD_V4;
            case "V5" -> ECG_LEAD_V5;
            case "V6" -> ECG_LEAD_V6;
            default -> NONE;
        };
    }
}
