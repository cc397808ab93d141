/** State of one RTP stream: reception, history, reports, key frame requests. */
@NullMarked
package org.chevet.relay.stream;

import org.jspecify.annotations.NullMarked;
