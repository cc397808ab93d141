/** Bounded per-subscriber queues with named drop policies. */
@NullMarked
package org.chevet.relay.queue;

import org.jspecify.annotations.NullMarked;
