/** DTLS 1.2 with use_srtp (RFC 5764), fenced: the only user of BouncyCastle. */
@NullMarked
package org.chevet.relay.dtls;

import org.jspecify.annotations.NullMarked;
