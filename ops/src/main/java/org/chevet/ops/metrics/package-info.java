/** Metrics in the Prometheus text format over the relay's own counters; the only user of Micrometer. */
@NullMarked
package org.chevet.ops.metrics;

import org.jspecify.annotations.NullMarked;
