/** What the relay reads of video payloads: frame starts, key frames, layers and picture ids. Nothing else. */
@NullMarked
package org.chevet.codec.payload;

import org.jspecify.annotations.NullMarked;
