/** Load of device streams: the relay, and what an integrator would otherwise use, with the same blocks in one run. */
@NullMarked
package org.chevet.bench.vitals;

import org.jspecify.annotations.NullMarked;
