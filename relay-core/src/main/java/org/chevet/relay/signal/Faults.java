package org.chevet.relay.signal;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs bugs by class and place only: messages of exceptions may hold tokens, ids or addresses (REQUIREMENTS O10).
 */
final class Faults {
    private static final Logger LOG = LoggerFactory.getLogger(SignalServer.class);
    private static final int FRAMES = 12;
    private static final int MAX_CAUSES = 5;

    private Faults() {
    }

    static void log(final String what, final Throwable fault) {
        if (LOG.isErrorEnabled()) {
            LOG.error("{} failed: {}", what, describe(fault));
        }
    }

    /** An answer came after the server had closed: there is nobody to give it to. */
    static void late() {
        LOG.debug("an answer came after the server had closed");
    }

    static String describe(final Throwable fault) {
        final StringBuilder text = new StringBuilder();
        Throwable cause = fault;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            text.append(depth == 0 ? "" : " caused by ").append(cause.getClass().getName()).append(" at ")
                .append(Arrays.stream(cause.getStackTrace()).limit(FRAMES).map(StackTraceElement::toString)
                    .collect(Collectors.joining(" < ")));
            cause = cause.getCause();
        }
        return text.toString();
    }
}
