/** Participants, roles, grants and the roster of one consultation. */
@NullMarked
package org.chevet.relay.consultation;

import org.jspecify.annotations.NullMarked;
