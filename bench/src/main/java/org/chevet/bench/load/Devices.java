package org.chevet.bench.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.bench.mark.Ledger;
import org.chevet.bench.mark.Mark;
import org.chevet.bench.mark.Tally;
import org.chevet.bench.server.ChevetServer;
import org.chevet.bench.server.ServerException;
import org.chevet.relay.client.Publication;
import org.chevet.relay.client.Recording;
import org.chevet.relay.client.SubscribedStream;
import org.chevet.relay.client.VitalsBlock;
import org.chevet.relay.client.VitalsListener;
import org.chevet.relay.client.VitalsPublisher;
import org.chevet.relay.client.VitalsSubscriber;
import org.chevet.relay.client.WebSocketTransport;
import org.chevet.relay.client.WfdbRecord;
import org.jspecify.annotations.Nullable;

/**
 * Devices that publish the recorded 12-lead ECG over the vitals WebSocket, each heard by one subscriber: a block every
 * 50 ms, its first bytes a mark in place of samples. The client library is used as an integrator would, with its
 * threads, so a hundred devices weigh on the load. Times end when the library hands a block over, not at the kernel.
 */
final class Devices implements AutoCloseable {
    private static final String RECORD = "HR06004";
    private static final long BLOCK_MS = 50;
    private static final long CONNECT_MS = 15_000;
    private static final long POLL_MS = 20;

    private final LongSupplier wallNs;
    private final List<Device> all = new ArrayList<>();
    private final ScheduledExecutorService pump = Executors.newSingleThreadScheduledExecutor(
        task -> Thread.ofPlatform().daemon(true).name("devices").unstarted(task));
    private final Recording recording;

    private Devices(final LongSupplier wallNs) throws IOException {
        this.wallNs = wallNs;
        final WfdbRecord record = WfdbRecord.read(new String(resource(RECORD + ".hea"), StandardCharsets.ISO_8859_1),
            Devices::resource);
        recording = Recording.ofWfdb(record, "ecg-12", "ECG", "Load").getFirst();
    }

    private static byte[] resource(final String name) throws IOException {
        try (InputStream in = ChevetServer.class.getResourceAsStream("/demo/" + name)) {
            if (in == null) {
                throw new IOException("the recording " + name + " is not in this build");
            }
            return in.readAllBytes();
        }
    }

    /**
     * Connects so many devices, each in a consultation of its own with one who subscribes, and waits until all hear.
     *
     * @param wallNs the wall clock in nanoseconds; called on many threads
     */
    static Devices start(final ChevetServer server, final int count, final LongSupplier wallNs)
        throws ServerException, InterruptedException, IOException {
        final Devices devices = new Devices(wallNs);
        final URI socket = URI.create(server.base().toString().replaceFirst("^http", "ws") + "/v1/vitals");
        for (int i = 0; i < count; i++) {
            final String room = "devices-" + i;
            server.open(room);
            devices.add(i, socket, server.token(room, "gateway", "device"),
                server.token(room, "doctor", "practitioner"), count);
        }
        final long deadlineNs = System.nanoTime() + CONNECT_MS * 1_000_000L;
        while (devices.all.stream().anyMatch(device -> !device.isHeard())) {
            if (System.nanoTime() > deadlineNs) {
                devices.close();
                throw new ServerException("not every device was heard within " + CONNECT_MS / 1000 + " s");
            }
            Thread.sleep(POLL_MS);
        }
        return devices;
    }

    private void add(final int index, final URI socket, final String publishing, final String subscribing,
        final int count) {
        final Device device = new Device(index, recording, wallNs, VitalsPublisher.start(
            new WebSocketTransport(socket, () -> publishing), VitalsPublisher.Options.defaults("load")));
        device.subscriber = VitalsSubscriber.start(new WebSocketTransport(socket, () -> subscribing), "load", device);
        all.add(device);
        // Devices are out of step, as they are in life.
        device.sending = pump.scheduleAtFixedRate(device::publish, BLOCK_MS * 1000 * index / count, BLOCK_MS * 1000,
            TimeUnit.MICROSECONDS);
    }

    /** Begins a window. */
    void beginWindow() {
        all.forEach(Device::beginWindow);
    }

    /** Ends it: blocks sent from now on no longer count. */
    void endWindow() {
        all.forEach(Device::endWindow);
    }

    /** What it gave. */
    Tally collect() {
        final Tally sum = new Tally();
        all.forEach(device -> device.addTo(sum));
        return sum;
    }

    @Override
    public void close() {
        pump.shutdownNow();
        all.forEach(Device::close);
    }

    /** One device and who hears it. Its lock guards the books. */
    private static final class Device implements VitalsListener {
        private final Recording recording;
        private final LongSupplier wallNs;
        private final VitalsPublisher publisher;
        private final Publication publication;
        private final int index;
        private final int frames;
        private final Ledger ledger = new Ledger();
        private final Tally tally = new Tally();
        private volatile @Nullable VitalsSubscriber subscriber;
        private volatile @Nullable ScheduledFuture<?> sending;
        private long frame;
        private long sequence;
        private boolean heard;

        Device(final int index, final Recording recording, final LongSupplier wallNs,
            final VitalsPublisher publisher) {
            this.index = index;
            this.recording = recording;
            this.wallNs = wallNs;
            this.publisher = publisher;
            publication = publisher.open(recording.spec());
            frames = (int) (recording.rate().numerator() * BLOCK_MS / 1000 / recording.rate().denominator());
        }

        void publish() {
            final int channels = recording.spec().channels().size();
            final ByteBuffer payload = ByteBuffer.allocate(frames * channels * Short.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < frames; i++) {
                final int at = (int) ((frame + i) % recording.frames());
                for (int channel = 0; channel < channels; channel++) {
                    payload.putShort((short) recording.sample(at, channel));
                }
            }
            payload.flip();
            synchronized (this) {
                Mark.write(new UnsafeBuffer(payload), 0, index, sequence, wallNs.getAsLong());
                if (publication.offer(frame, frames, publisher.clockNs() - Duration.ofMillis(BLOCK_MS).toNanos(), 0,
                    payload)) {
                    sequence++;
                }
            }
            frame += frames;
        }

        @Override
        public Start onStream(final SubscribedStream stream) {
            return Start.liveMinus(0);
        }

        @Override
        public void onBlock(final SubscribedStream stream, final VitalsBlock block) {
            final long nowNs = wallNs.getAsLong();
            final UnsafeBuffer payload = new UnsafeBuffer(block.payload());
            if (Mark.isAt(payload, 0, payload.capacity())) {
                book(Mark.sequence(payload, 0), nowNs - Mark.sentNs(payload, 0));
            }
        }

        private synchronized void book(final long number, final long tookNs) {
            heard = true;
            if (ledger.accept(number)) {
                tally.time(tookNs);
            }
        }

        synchronized boolean isHeard() {
            return heard;
        }

        synchronized void beginWindow() {
            ledger.begin(sequence);
            tally.clear();
        }

        synchronized void endWindow() {
            ledger.end(sequence);
        }

        synchronized void addTo(final Tally sum) {
            sum.add(tally);
            sum.add(ledger);
        }

        void close() {
            final ScheduledFuture<?> pumping = sending;
            if (pumping != null) {
                pumping.cancel(false);
            }
            publisher.close();
            final VitalsSubscriber hearing = subscriber;
            if (hearing != null) {
                hearing.close();
            }
        }
    }
}
