/** RTCP (RFC 3550, 4585, 5104, 5506), REMB and transport-wide congestion control feedback: reading and writing. */
@NullMarked
package org.chevet.codec.rtcp;

import org.jspecify.annotations.NullMarked;
