/** Telling STUN, DTLS, RTP and RTCP apart on one port (RFC 7983, RFC 5761). */
@NullMarked
package org.chevet.codec.demux;

import org.jspecify.annotations.NullMarked;
