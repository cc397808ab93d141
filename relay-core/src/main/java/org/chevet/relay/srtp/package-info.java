/** SRTP and SRTCP (RFC 3711, RFC 7714): key derivation, replay windows, AEAD engines. */
@NullMarked
package org.chevet.relay.srtp;

import org.jspecify.annotations.NullMarked;
