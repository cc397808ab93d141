/** The same load against several servers in one run. */
@NullMarked
package org.chevet.bench.peers;

import org.jspecify.annotations.NullMarked;
