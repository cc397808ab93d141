/** HTTP API, WHIP, WHEP and WebSockets; SDP offer to answer. */
@NullMarked
package org.chevet.relay.signal;

import org.jspecify.annotations.NullMarked;
