/**
 * Lossless packing of integer samples, each block by itself: a lost block costs nothing else.
 *
 * <p>Bits, highest first. For each channel: filter (3 bits; 7 = raw), and unless it is raw: 1 bit whether earlier
 * channels help, then if so the places of two of the four candidates (2 bits each) and their weights in halves plus 2
 * (3 bits each); the first Rice parameter (5 bits); the length of the first folded number (6 bits) and the number; the
 * others. The candidates of channel c are the channels 0, 1 (or c-1 when that is lower), c-1 and c-2 (or 0).
 *
 * <p>A channel is first taken against the others: r = x - ((w1 * y1 + w2 * y2) >> 1), then against its own past by
 * the filter ({@link org.chevet.codec.pack.Filters}), all modulo 2^32. What is left is folded to an unsigned number
 * and written by an adaptive Rice code ({@link org.chevet.codec.pack.RiceState}): ones, a zero, low bits; 24 ones mean
 * that the number follows in 32 bits. Raw: each sample in its own width, two's complement. The last byte is filled
 * with zeros.
 */
@NullMarked
package org.chevet.codec.pack;

import org.jspecify.annotations.NullMarked;
