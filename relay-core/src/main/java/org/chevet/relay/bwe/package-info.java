/** Congestion control towards one peer: what was sent, and when the next packet may leave. */
@NullMarked
package org.chevet.relay.bwe;

import org.jspecify.annotations.NullMarked;
