/** Virtual time and a simulated network, so that whole consultations run without a socket and repeat from a seed. */
@NullMarked
package org.chevet.relay.sim;

import org.jspecify.annotations.NullMarked;
