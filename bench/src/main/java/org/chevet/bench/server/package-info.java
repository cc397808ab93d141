/** Servers under measurement: how they are started, joined and sampled. */
@NullMarked
package org.chevet.bench.server;

import org.jspecify.annotations.NullMarked;
