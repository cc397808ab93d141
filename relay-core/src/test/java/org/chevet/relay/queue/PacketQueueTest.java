package org.chevet.relay.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PacketQueueTest {
    private static final long MS = 1_000_000;
    private final PacketSlab slab = new PacketSlab(64);
    private final LaneStats stats = new LaneStats();
    private final List<Long> discarded = new ArrayList<>();
    private PacketQueue queue = new First(slab, stats, DropReason.QUEUE_LATE);

    @AfterEach
    void nothingLeaks() {
        queue.clear();
        slab.checkAllReleased();
    }

    @Test
    void neverDropRefusesWhenFullAndKeepsOrder() {
        queue = new NeverDrop(slab, stats, 4, DropReason.RETRANSMISSION_THROTTLED);
        for (int i = 0; i < 4; i++) {
            assertTrue(offer(i, 0, 0));
        }
        assertFalse(offer(4, 0, 0));
        queue.expire(Long.MAX_VALUE / 2);
        assertEquals(List.of(0L, 1L, 2L, 3L), drain());
        assertEquals(1, stats.dropped(DropReason.RETRANSMISSION_THROTTLED));
    }

    @Test
    void firstRefusesBehindItsBound() {
        for (int i = 0; i < First.CAPACITY; i++) {
            assertTrue(offerMarker(i));
        }
        assertFalse(offer(99, 0, 0));
        assertEquals(First.CAPACITY, drain().size());
        assertEquals(1, stats.dropped(DropReason.QUEUE_LATE));
    }

    @Test
    void dropLateGivesUpTheOldestWhenFull() {
        queue = new DropLate(slab, stats, 4, 100 * MS, this::note);
        for (int i = 0; i < 6; i++) {
            assertTrue(offer(i, 0, i));
        }
        assertEquals(List.of(0L, 1L), discarded);
        assertEquals(List.of(2L, 3L, 4L, 5L), drain());
        assertEquals(2, stats.dropped(DropReason.QUEUE_LATE));
    }

    @Test
    void dropLateSendsNothingThatIsTooOld() {
        queue = new DropLate(slab, stats, 8, 100 * MS, this::note);
        offer(1, 0, 0);
        offer(2, 0, 50 * MS);
        queue.expire(100 * MS);
        assertEquals(2, queue.size());
        queue.expire(101 * MS);
        assertEquals(List.of(2L), drain());
    }

    @Test
    void dropToKeyFrameThrowsAwayUpToTheNextKeyFrame() {
        final DropToKeyFrame video = new DropToKeyFrame(slab, stats, 4, 100 * MS, this::note);
        queue = video;
        offer(1, PacketQueue.KEY_FRAME_START, 0);
        offer(2, 0, 0);
        offer(3, PacketQueue.KEY_FRAME_START, 0);
        offer(4, 0, 0);
        assertTrue(offer(5, 0, 0));
        assertFalse(video.awaitsKeyFrame());
        assertEquals(List.of(1L, 2L), discarded);
        assertEquals(List.of(3L, 4L, 5L), drain());
    }

    @Test
    void dropToKeyFrameTakesNothingUntilOneStarts() {
        final DropToKeyFrame video = new DropToKeyFrame(slab, stats, 4, 100 * MS, this::note);
        queue = video;
        offer(1, 0, 0);
        offer(2, 0, 0);
        video.expire(101 * MS);
        assertTrue(video.awaitsKeyFrame());
        assertFalse(offer(3, 0, 102 * MS));
        assertTrue(offer(4, PacketQueue.KEY_FRAME_START, 103 * MS));
        assertTrue(offer(5, 0, 103 * MS));
        assertFalse(video.awaitsKeyFrame());
        assertEquals(List.of(4L, 5L), drain());
        assertEquals(3, stats.dropped(DropReason.QUEUE_TO_KEY_FRAME));
    }

    @Test
    void theAgeBoundOfVideoCanBeMoved() {
        final DropToKeyFrame video = new DropToKeyFrame(slab, stats, 4, 100 * MS, this::note);
        queue = video;
        offer(1, 0, 0);
        video.maxAgeNs(50 * MS);
        video.expire(50 * MS);
        assertFalse(video.awaitsKeyFrame());
        video.expire(50 * MS + 1);
        assertTrue(video.awaitsKeyFrame());
        assertEquals(List.of(1L), discarded);
    }

    @Test
    void markersKeepTheirPlaceAndAreNotCountedAsDrops() {
        queue = new DropLate(slab, stats, 4, 100 * MS, this::note);
        offer(1, 0, 0);
        offerMarker(2);
        offer(3, 0, 0);
        queue.expire(200 * MS);
        assertEquals(List.of(1L, 2L, 3L), discarded);
        assertEquals(2, stats.dropped(DropReason.QUEUE_LATE));
    }

    @Test
    void capacityIsAPowerOfTwoWithinItsBound() {
        assertThrows(IllegalArgumentException.class, () -> new DropLate(slab, stats, 3, 1, this::note));
        assertThrows(IllegalArgumentException.class,
            () -> new DropLate(slab, stats, 2 * PacketQueue.MAX_CAPACITY, 1, this::note));
    }

    @Test
    void seededTrafficNeverLeaksNorReorders() {
        final long seed = 20261122;
        final Random random = new Random(seed);
        queue = new DropToKeyFrame(slab, stats, 16, 50 * MS, this::note);
        long last = -1;
        for (int i = 0; i < 20_000; i++) {
            offer(i, random.nextInt(20) == 0 ? PacketQueue.KEY_FRAME_START : 0, i * MS);
            for (int n = random.nextInt(3); n > 0 && !queue.isEmpty(); n--) {
                assertTrue(queue.headTag() > last, "seed " + seed);
                last = queue.headTag();
                queue.pop();
            }
            queue.expire(i * MS);
            assertEquals(queue.size(), slab.inUse(), "seed " + seed);
        }
        assertTrue(stats.dropped(DropReason.QUEUE_TO_KEY_FRAME) > 0);
    }

    private boolean offer(final long tag, final int flags, final long nowNs) {
        final int slot = slab.acquire();
        final boolean accepted = queue.offer(slot, tag, flags, nowNs);
        slab.release(slot);
        return accepted;
    }

    private boolean offerMarker(final long tag) {
        return queue.offer(PacketQueue.MARKER, tag, 0, 0);
    }

    private void note(final int slot, final long tag, final int flags) {
        discarded.add(tag);
    }

    private List<Long> drain() {
        final List<Long> tags = new ArrayList<>();
        while (!queue.isEmpty()) {
            tags.add(queue.headTag());
            queue.pop();
        }
        return tags;
    }
}
