/** Counters, drop reasons and histograms: written by one lane, read by anyone. */
@NullMarked
package org.chevet.relay.stats;

import org.jspecify.annotations.NullMarked;
