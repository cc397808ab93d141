package org.chevet.relay.signal;

import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate of the HTTP port, read again when its files change. A new pair that cannot be used is said once and
 * counted, and the old one stays: a renewal that went half way must not take the port down.
 *
 * <p>Files are read on a thread of its own. {@link #current} on any thread; connections keep what they began with.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the periodic task ends with its executor
final class TlsContext implements AutoCloseable {
    /** How often the files are looked at. */
    static final long CHECK_MS = 3_000;
    private static final Logger LOG = LoggerFactory.getLogger(TlsContext.class);

    private final TlsFiles files;
    private final SignalStats stats;
    private final ScheduledExecutorService watcher = Executors.newSingleThreadScheduledExecutor(
        Thread.ofPlatform().name("chevet-tls").daemon().factory());
    private volatile SslContext current;
    private PemPair seen;
    private @Nullable String lastFault;

    private TlsContext(final TlsFiles files, final SignalStats stats) throws IOException {
        this.files = files;
        this.stats = stats;
        seen = PemPair.read(files);
        current = seen.context();
    }

    /**
     * Reads the pair and begins to watch it.
     *
     * @throws IOException one sentence that names the file and what is wrong with it
     */
    static TlsContext open(final TlsFiles files, final SignalStats stats, final long checkMs) throws IOException {
        final TlsContext context = new TlsContext(files, stats);
        context.watcher.scheduleWithFixedDelay(context::check, checkMs, checkMs, TimeUnit.MILLISECONDS);
        return context;
    }

    /** What a new connection is served with. */
    SslContext current() {
        return current;
    }

    @Override
    public void close() {
        watcher.shutdownNow();
    }

    private void check() {
        try {
            final PemPair now = PemPair.read(files);
            if (now.isSame(seen)) {
                lastFault = null;
                return;
            }
            // Certificate and key cannot be replaced at once: what fits not now may fit at the next look.
            current = now.context();
            seen = now;
            lastFault = null;
            stats.count(SignalCounter.TLS_RELOADS);
            LOG.info("the certificate of the HTTP port was read again");
        } catch (IOException | RuntimeException e) {
            final String fault = String.valueOf(e.getMessage());
            if (!fault.equals(lastFault)) {
                lastFault = fault;
                stats.count(SignalCounter.TLS_RELOADS_REFUSED);
                LOG.warn("the old certificate of the HTTP port stays: {}", fault);
            }
        }
    }
}
