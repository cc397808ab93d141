package org.chevet.codec.pack;

/**
 * The adaptive parameter of a Rice code: the mean of what came lately decides how many low bits are written plainly, as
 * in LOCO-I (ITU-T T.87 A.5.1).
 */
final class RiceState {
    /** So many ones mean that the number follows in 32 bits. */
    static final int ESCAPE = 24;
    /** Largest parameter. */
    static final int MAX_PARAMETER = 31;

    private static final int MEMORY = 24;

    private long sum;
    private int count;

    void start(final int parameter) {
        sum = 4L << parameter;
        count = 4;
    }

    int parameter() {
        int k = 0;
        while (k < MAX_PARAMETER && (long) count << (k + 1) <= sum) {
            k++;
        }
        return k;
    }

    void add(final long folded) {
        sum += folded;
        count++;
        if (count == MEMORY) {
            sum >>= 1;
            count >>= 1;
        }
    }

    /** Bits that a number takes now. */
    int bits(final long folded) {
        final int k = parameter();
        final long ones = folded >>> k;
        return ones >= ESCAPE ? ESCAPE + Integer.SIZE : (int) ones + 1 + k;
    }

    /** 0, -1, 1, -2, ... as 0, 1, 2, 3, ... */
    static long fold(final int value) {
        return (value << 1 ^ value >> (Integer.SIZE - 1)) & 0xFFFF_FFFFL;
    }

    static int unfold(final long folded) {
        return (int) (folded >>> 1) ^ -(int) (folded & 1);
    }
}
