/** Draining of subscriber queues in clinical order towards the transport. */
@NullMarked
package org.chevet.relay.egress;

import org.jspecify.annotations.NullMarked;
