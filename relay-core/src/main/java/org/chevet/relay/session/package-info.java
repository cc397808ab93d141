/** One peer: ICE, DTLS and SRTP joined, and its life cycle. */
@NullMarked
package org.chevet.relay.session;

import org.jspecify.annotations.NullMarked;
