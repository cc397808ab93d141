package org.chevet.codec.sdp;

import java.util.Locale;

/**
 * {@code a=fmtp} (RFC 8866 section 6.15).
 *
 * @param payloadType 0 to 127
 * @param parameters text after the payload type, such as {@code apt=96}
 */
public record Fmtp(int payloadType, String parameters) implements SdpAttribute {
    /** Value of a parameter in {@code name=value;name=value}, "" when absent; names have no case. */
    public static String parameter(final String parameters, final String name) {
        for (final String part : parameters.split(";", -1)) {
            final int equals = part.indexOf('=');
            if (equals > 0 && part.substring(0, equals).strip().toLowerCase(Locale.ROOT).equals(name)) {
                return part.substring(equals + 1).strip();
            }
        }
        return "";
    }

    /** Value of one of this line's parameters, "" when absent; {@code name} in lower case. */
    public String parameter(final String name) {
        return parameter(parameters, name);
    }

    @Override
    public String key() {
        return "fmtp";
    }

    @Override
    public String value() {
        return payloadType + " " + parameters;
    }
}
