/** One lane: one thread, one port, and every consultation placed on it. */
@NullMarked
package org.chevet.relay.lane;

import org.jspecify.annotations.NullMarked;
