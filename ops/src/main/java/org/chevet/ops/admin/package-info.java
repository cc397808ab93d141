/** What operators ask a running server: is it alive, may it take traffic. */
@NullMarked
package org.chevet.ops.admin;

import org.jspecify.annotations.NullMarked;
