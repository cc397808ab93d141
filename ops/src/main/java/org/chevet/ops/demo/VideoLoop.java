package org.chevet.ops.demo;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.chevet.relay.client.IvfReader;
import org.chevet.relay.client.WhipPublisher;

/** Sends a clip again and again in real time, on a thread of its own. The clip begins with a key frame. */
final class VideoLoop implements AutoCloseable {
    private static final long NS_PER_S = 1_000_000_000L;

    private final WhipPublisher publisher;
    private final List<IvfReader.Frame> frames;
    private final long lengthNs;
    private final Thread thread;
    private volatile boolean closed;

    private VideoLoop(final WhipPublisher publisher, final List<IvfReader.Frame> frames) {
        this.publisher = publisher;
        this.frames = List.copyOf(frames);
        final long lastNs = frames.getLast().timeNs();
        // The last frame stays as long as the others did.
        lengthNs = lastNs + lastNs / Math.max(1, frames.size() - 1);
        thread = new Thread(this::run, "demo-video");
        thread.setDaemon(true);
    }

    static VideoLoop start(final WhipPublisher publisher, final List<IvfReader.Frame> frames) {
        final VideoLoop loop = new VideoLoop(publisher, frames);
        loop.thread.start();
        return loop;
    }

    /** Frames per second of the clip. */
    static double rate(final List<IvfReader.Frame> frames) {
        return (frames.size() - 1) / (frames.getLast().timeNs() / (double) NS_PER_S);
    }

    private void run() {
        final long startNs = System.nanoTime();
        for (long round = 0; !closed; round++) {
            for (final IvfReader.Frame frame : frames) {
                final long timeNs = round * lengthNs + frame.timeNs();
                while (!closed && System.nanoTime() - startNs < timeNs) {
                    LockSupport.parkNanos(timeNs - (System.nanoTime() - startNs));
                }
                if (closed || !publisher.isConnected()) {
                    return;
                }
                publisher.send(0, frame.data(), 0, frame.data().length, timeNs);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
