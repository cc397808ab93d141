package org.chevet.codec.vitals;

/** Units in UCUM's case-sensitive form, as they travel in a channel's {@code unit}. */
public final class Ucum {
    /** Millivolt. */
    public static final String MILLIVOLT = "mV";
    /** Microvolt. */
    public static final String MICROVOLT = "uV";
    /** Millimetre of mercury. */
    public static final String MILLIMETRE_OF_MERCURY = "mm[Hg]";
    /** Percent. */
    public static final String PERCENT = "%";
    /** Per minute. */
    public static final String PER_MINUTE = "/min";
    /** Degree Celsius. */
    public static final String CELSIUS = "Cel";
    /** Milligram per decilitre. */
    public static final String MILLIGRAM_PER_DECILITRE = "mg/dL";
    /** Millimole per litre. */
    public static final String MILLIMOLE_PER_LITRE = "mmol/L";
    /** A pure number. */
    public static final String ONE = "1";

    private Ucum() {
    }
}
