/** Marks in payloads, and what they tell: time, loss, order, duplicates. */
@NullMarked
package org.chevet.bench.mark;

import org.jspecify.annotations.NullMarked;
