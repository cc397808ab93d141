/** Command line of the server. */
@NullMarked
package org.chevet.ops.main;

import org.jspecify.annotations.NullMarked;
