package org.chevet.codec.rtcp;

/** RTCP packet types and the formats of feedback messages that this relay knows. */
public final class RtcpType {
    /** Sender report (RFC 3550 section 6.4.1). */
    public static final int SENDER_REPORT = 200;
    /** Receiver report (RFC 3550 section 6.4.2). */
    public static final int RECEIVER_REPORT = 201;
    /** Source description (RFC 3550 section 6.5). */
    public static final int SOURCE_DESCRIPTION = 202;
    /** Goodbye (RFC 3550 section 6.6). */
    public static final int BYE = 203;
    /** Application-defined (RFC 3550 section 6.7). */
    public static final int APP = 204;
    /** Transport-layer feedback (RFC 4585 section 6.2). */
    public static final int TRANSPORT_FEEDBACK = 205;
    /** Payload-specific feedback (RFC 4585 section 6.3). */
    public static final int PAYLOAD_FEEDBACK = 206;
    /** Extended report (RFC 3611). */
    public static final int EXTENDED_REPORT = 207;

    /** Format of TRANSPORT_FEEDBACK: generic NACK (RFC 4585 section 6.2.1). */
    public static final int FORMAT_NACK = 1;
    /** Format of TRANSPORT_FEEDBACK: congestion control feedback (RFC 8888 section 3.1). */
    public static final int FORMAT_CCFB = 11;
    /** Format of TRANSPORT_FEEDBACK: transport-wide congestion control. */
    public static final int FORMAT_TRANSPORT_CC = 15;
    /** Format of PAYLOAD_FEEDBACK: picture loss indication (RFC 4585 section 6.3.1). */
    public static final int FORMAT_PLI = 1;
    /** Format of PAYLOAD_FEEDBACK: full intra request (RFC 5104 section 4.3.1). */
    public static final int FORMAT_FIR = 4;
    /** Format of PAYLOAD_FEEDBACK: application layer feedback, here REMB. */
    public static final int FORMAT_APPLICATION = 15;

    /** Bytes of the common header. */
    static final int HEADER_LENGTH = 4;
    /** Bytes of common header and the two SSRCs of feedback messages. */
    static final int FEEDBACK_HEADER_LENGTH = 12;
    static final int VERSION_BITS = 0x80;
    static final int VERSION_MASK = 0xC0;
    static final int PADDING_BIT = 0x20;
    static final int COUNT_MASK = 0x1F;
    /** Where the media SSRC of a feedback message stands. */
    static final int MEDIA_SSRC_OFFSET = 8;

    private RtcpType() {
    }
}
