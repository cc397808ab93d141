/** The load generator. */
@NullMarked
package org.chevet.bench.load;

import org.jspecify.annotations.NullMarked;
