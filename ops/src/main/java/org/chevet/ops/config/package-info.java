/** Settings of the server: the only reader of files and of the environment. */
@NullMarked
package org.chevet.ops.config;

import org.jspecify.annotations.NullMarked;
