/** Device streams: directory, ordering, acknowledgement, retention ring, gaps, clock. */
@NullMarked
package org.chevet.relay.vitals;

import org.jspecify.annotations.NullMarked;
