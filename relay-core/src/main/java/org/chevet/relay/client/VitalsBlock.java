package org.chevet.relay.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One block as a subscriber gets it. The payload belongs to the receiver.
 *
 * @param sequence 0, 1, 2, ... per stream
 * @param firstSample index of the first sample
 * @param sampleCount samples per channel
 * @param deviceTimeNs publisher's clock at the first sample; Long.MIN_VALUE = not known
 * @param flags bits of BlockFlags
 * @param payload the samples little-endian as they left the publisher, or empty when missing
 */
public record VitalsBlock(long sequence, long firstSample, int sampleCount, long deviceTimeNs, int flags,
    ByteBuffer payload) {
    /** Flag: the device had no samples here. */
    public static final int MISSING = 1;
    /** Flag: firstSample is later than the end of the previous block. */
    public static final int DISCONTINUITY = 1 << 1;
    /** Flag: an electrode is off. */
    public static final int LEAD_OFF = 1 << 2;
    /** Flag: the device says the signal is poor. */
    public static final int LOW_QUALITY = 1 << 3;
    /** Flag: test signal, not the patient. */
    public static final int CALIBRATION = 1 << 4;
    /** Flag: outside the range of the converter. */
    public static final int OVERRANGE = 1 << 5;
    /** Flag: deviceTimeNs was computed, not measured. */
    public static final int TIME_UNCERTAIN = 1 << 6;

    /** Makes the payload little-endian. */
    public VitalsBlock {
        payload = payload.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** True when the device had no samples here. */
    public boolean isMissing() {
        return (flags & MISSING) != 0;
    }
}
