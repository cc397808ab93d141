/** What an embedder sees; everything else is not API. */
@NullMarked
package org.chevet.relay.api;

import org.jspecify.annotations.NullMarked;
