/** Publications, subscriptions and header rewriting of one consultation. */
@NullMarked
package org.chevet.relay.route;

import org.jspecify.annotations.NullMarked;
