/** Serves the web pages and the browser SDK. */
@NullMarked
package org.chevet.ops.console;

import org.jspecify.annotations.NullMarked;
