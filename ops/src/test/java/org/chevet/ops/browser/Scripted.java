package org.chevet.ops.browser;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;

/** A page that a test runs expressions in. */
interface Scripted extends AutoCloseable {
    /**
     * Evaluates an expression as if the user had clicked, waits for its promise and returns the JSON value.
     *
     * @throws IllegalStateException with the text of the exception when it throws or rejects
     */
    JsonNode evaluate(String expression);

    /** What a person needs who must find out why the page is not as expected. */
    String shown();

    /** Closes the page as a user would. */
    @Override
    void close();

    /**
     * Evaluates an expression every 50 ms until it is truthy: a page tells nobody that its state has changed.
     *
     * @return its value
     * @throws IllegalStateException with the expression and what the page shows when the time is over
     */
    default JsonNode await(final String expression, final Duration timeout) {
        final long deadlineNs = System.nanoTime() + timeout.toNanos();
        do {
            final JsonNode value =
                evaluate("(async () => { const v = await (" + expression + "); return v ? v : null; })()");
            if (!value.isNull() && !value.isMissingNode()) {
                return value;
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        } while (System.nanoTime() < deadlineNs);
        throw new IllegalStateException("not within " + timeout + ": " + expression + "\n" + shown());
    }
}
