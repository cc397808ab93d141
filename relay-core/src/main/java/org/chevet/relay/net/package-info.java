/** Sockets: the only user of Netty for media; reads the clock once per batch. */
@NullMarked
package org.chevet.relay.net;

import org.jspecify.annotations.NullMarked;
