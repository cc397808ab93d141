package org.chevet.relay.client.export;

import java.io.Closeable;
import java.io.IOException;
import java.util.IdentityHashMap;
import org.chevet.codec.vitals.sbe.CloseReason;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.relay.client.SubscribedStream;
import org.chevet.relay.client.VitalsBlock;
import org.chevet.relay.client.VitalsListener;
import org.jspecify.annotations.Nullable;

/**
 * Hears a subscription and hands each stream to a sink of its own. A sink that fails is closed and its stream is not
 * written further; the first failure is kept and told by {@link #close()}. Belongs to the client's thread.
 */
public final class StreamExporter implements VitalsListener, Closeable {
    /** Streams written at the same time. */
    private static final int MAX_STREAMS = 256;

    /** Makes the sink of a stream, or null to leave the stream. */
    @FunctionalInterface
    public interface Sinks {
        /** Called once per stream. */
        @Nullable StreamSink open(SubscribedStream stream) throws IOException;
    }

    private final Sinks sinks;
    private final Start start;
    private final IdentityHashMap<SubscribedStream, StreamSink> open = new IdentityHashMap<>();
    private @Nullable IOException failure;
    private long refused;

    /**
     * An exporter.
     *
     * @param sinks makes them
     * @param start where to begin with every stream
     */
    public StreamExporter(final Sinks sinks, final Start start) {
        this.sinks = sinks;
        this.start = start;
    }

    @Override
    public @Nullable Start onStream(final SubscribedStream stream) {
        if (open.size() >= MAX_STREAMS) {
            refused++;
            return null;
        }
        try {
            final StreamSink sink = sinks.open(stream);
            if (sink == null) {
                return null;
            }
            open.put(stream, sink);
            return start;
        } catch (final IOException e) {
            failed(e);
            return null;
        }
    }

    @Override
    public void onBlock(final SubscribedStream stream, final VitalsBlock block) {
        with(stream, sink -> sink.block(block));
    }

    @Override
    public void onGap(final SubscribedStream stream, final long fromSequence, final long toSequence,
        final long fromSample, final long toSample, final GapReason reason) {
        with(stream, sink -> sink.gap(fromSample, toSample, reason));
    }

    @Override
    public void onPublisherClock(final String participant, final long offsetNs, final long uncertaintyNs) {
        for (final SubscribedStream stream : open.keySet().toArray(SubscribedStream[]::new)) {
            if (stream.participant().equals(participant)) {
                with(stream, sink -> sink.clock(offsetNs, uncertaintyNs));
            }
        }
    }

    @Override
    public void onClosed(final SubscribedStream stream, final CloseReason reason) {
        final StreamSink sink = open.remove(stream);
        if (sink != null) {
            closeSink(sink);
        }
    }

    /** Streams that were left because too many were open or a sink failed. */
    public long refused() {
        return refused;
    }

    /** Ends every file; throws the first failure there was. */
    @Override
    public void close() throws IOException {
        open.values().forEach(this::closeSink);
        open.clear();
        if (failure != null) {
            throw failure;
        }
    }

    private interface Step {
        void run(StreamSink sink) throws IOException;
    }

    private void with(final SubscribedStream stream, final Step step) {
        final StreamSink sink = open.get(stream);
        if (sink == null) {
            return;
        }
        try {
            step.run(sink);
        } catch (final IOException e) {
            open.remove(stream);
            failed(e);
            closeSink(sink);
        }
    }

    private void closeSink(final StreamSink sink) {
        try {
            sink.close();
        } catch (final IOException e) {
            if (failure == null) {
                failure = e;
            }
        }
    }

    private void failed(final IOException e) {
        refused++;
        if (failure == null) {
            failure = e;
        }
    }
}
