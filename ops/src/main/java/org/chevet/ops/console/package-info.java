/** The web pages and the browser SDK, served from the class path. */
@NullMarked
package org.chevet.ops.console;

import org.jspecify.annotations.NullMarked;
