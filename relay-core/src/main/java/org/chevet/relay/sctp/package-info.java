/** SCTP association over DTLS (RFC 9260, 8261) and WebRTC data channels (RFC 8831, 8832), sans-IO. */
@NullMarked
package org.chevet.relay.sctp;

import org.jspecify.annotations.NullMarked;
