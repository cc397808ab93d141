/** Tables, JSON and plots of what was measured. */
@NullMarked
package org.chevet.bench.report;

import org.jspecify.annotations.NullMarked;
