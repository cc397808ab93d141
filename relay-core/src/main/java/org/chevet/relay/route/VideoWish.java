package org.chevet.relay.route;

import org.chevet.relay.bwe.VideoProfile;

/**
 * What a subscriber wants of a video. Sizes are upper bounds in pixels as the encoder sees them, before rotation; when
 * even the smallest there is exceeds them, the smallest is sent.
 *
 * @param maxWidth widest picture, 1 to {@link #NO_LIMIT}
 * @param maxHeight highest picture, 1 to {@link #NO_LIMIT}
 * @param maxFps most pictures a second, 1 to {@link #NO_LIMIT}
 * @param paused true: send nothing; when this ends the video starts at a key frame
 * @param profile what to give up first; BALANCED leaves it to the publisher and the exam mode
 */
public record VideoWish(int maxWidth, int maxHeight, int maxFps, boolean paused, VideoProfile profile) {
    /** In place of a bound. */
    public static final int NO_LIMIT = Integer.MAX_VALUE;
    /** As it is before anybody says anything: the best there is. */
    public static final VideoWish ANY =
        new VideoWish(NO_LIMIT, NO_LIMIT, NO_LIMIT, false, VideoProfile.BALANCED);
    /** Nothing for now. */
    public static final VideoWish NOTHING =
        new VideoWish(NO_LIMIT, NO_LIMIT, NO_LIMIT, true, VideoProfile.BALANCED);

    /** Throws IllegalArgumentException when a bound is not positive. */
    public VideoWish {
        if (maxWidth < 1 || maxHeight < 1 || maxFps < 1) {
            throw new IllegalArgumentException("a bound of a video wish is not positive");
        }
    }

    boolean allows(final int width, final int height) {
        return width <= maxWidth && height <= maxHeight;
    }
}
