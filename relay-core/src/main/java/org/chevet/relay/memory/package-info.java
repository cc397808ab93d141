/** Slot pool and packet slab, owned by one lane. */
@NullMarked
package org.chevet.relay.memory;

import org.jspecify.annotations.NullMarked;
