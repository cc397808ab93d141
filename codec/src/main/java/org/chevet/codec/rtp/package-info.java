/** RTP headers (RFC 3550), header extensions (RFC 8285), RTX (RFC 4588) and RED (RFC 2198). */
@NullMarked
package org.chevet.codec.rtp;

import org.jspecify.annotations.NullMarked;
