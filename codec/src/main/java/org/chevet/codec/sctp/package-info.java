/** SCTP for data channels (RFC 9260, 3758, 6525, 8260) and the channel establishment protocol (RFC 8832). */
@NullMarked
package org.chevet.codec.sctp;

import org.jspecify.annotations.NullMarked;
