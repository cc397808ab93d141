package org.chevet.relay.bwe;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtcp.CongestionFeedback;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtcp.TransportFeedback;
import org.chevet.codec.rtcp.TransportFeedbackWriter;

/**
 * A peer behind a {@link SimLink}: speech every 20 ms, video that follows the target or not, the control under test,
 * and a receiver that gives feedback in real packets, asks for lost speech again and plays it after a fixed time.
 */
final class SimFlow {
    static final long MS = 1_000_000L;
    static final int SPEECH_BYTES = 144;
    /** Speech that is not there this long after it was due is lost to the listener. */
    static final long PLAYOUT_NS = 500 * MS;
    private static final int PACKET_BYTES = 1200;
    private static final int PADDING_BYTES = 280;
    private static final long FRAME_NS = 33 * MS;
    private static final long SPEECH_NS = 20 * MS;
    private static final long FEEDBACK_NS = 50 * MS;
    private static final long VIDEO_AGE_NS = 500 * MS;
    private static final int SPEECH = 1;
    private static final int VIDEO = 2;

    private record Waiting(int bytes, long queuedNs) {
    }

    private record Feedback(UnsafeBuffer bytes, long atNs) {
    }

    private record Request(int speech, long atNs) {
    }

    final SendSideControl control;
    final SimLink link;
    private final SplittableRandom random;
    private final long backNs;
    private final long fixedVideoBps;
    private final double feedbackLoss;
    private final ArrayDeque<Waiting> video = new ArrayDeque<>();
    private final ArrayDeque<Feedback> feedbacks = new ArrayDeque<>();
    private final ArrayDeque<Request> requests = new ArrayDeque<>();
    private final TransportFeedbackWriter writer = new TransportFeedbackWriter();
    private final RtcpCompound compound = new RtcpCompound();
    private final TransportFeedback feedback = new TransportFeedback();
    private long nextFrameNs;
    private long nextSpeechNs;
    private long nextFeedbackNs;
    private int feedbackCount;
    private long videoLimitBps = Long.MAX_VALUE;
    private Stream[] streams;
    /** Stream and sequence number of each transport-wide number. */
    private final long[] names = new long[65_536];
    private final CongestionFeedback streamFeedback = new CongestionFeedback();
    private final StreamFeedback reader = new StreamFeedback();

    // The receiver.
    private final long[] arrivals = new long[65_536];
    private long firstUnreported;
    private long highestArrived = -1;
    private long sentNumbers;
    private long receivedBytes;
    private long delayedBytes;
    private final long[] speechSentNs = new long[1 << 16];
    private final long[] speechArrivedNs = new long[1 << 16];
    private final int[] asked = new int[1 << 16];
    private final long[] askedNs = new long[1 << 16];
    private int speechCount;
    private int speechHighest = -1;
    private int speechSettled;
    long speechLost;
    long speechPlayed;
    long videoOffered;
    long videoDropped;

    /** A flow; {@code fixedVideoBps} 0 is video that follows the target, and -1 none. */
    SimFlow(final long seed, final SimLink link, final BweConfig config, final long backNs, final long fixedVideoBps,
        final double feedbackLoss, final long nowNs) {
        control = new SendSideControl(config, true, true, nowNs);
        this.link = link;
        this.backNs = backNs;
        this.fixedVideoBps = fixedVideoBps;
        this.feedbackLoss = feedbackLoss;
        random = new SplittableRandom(seed);
        nextFrameNs = nowNs + random.nextLong(FRAME_NS);
        nextSpeechNs = nowNs + random.nextLong(SPEECH_NS);
        nextFeedbackNs = nowNs + random.nextLong(FEEDBACK_NS);
        java.util.Arrays.fill(arrivals, -1);
    }

    /** The receiver gives feedback by streams (RFC 8888) from now on; call before the first turn. */
    SimFlow withStreams() {
        streams = new Stream[] {new Stream(SPEECH), new Stream(VIDEO)};
        return this;
    }

    /** One of the two RTP streams: what left under which number, and what of it arrived when. */
    private static final class Stream {
        private final int ssrc;
        private final StreamNumbers numbers = new StreamNumbers();
        private final long[] arrivals = new long[65_536];
        private int sent;
        private int unreported;
        private int end;

        Stream(final int ssrc) {
            this.ssrc = ssrc;
            java.util.Arrays.fill(arrivals, -1);
        }
    }

    /** Video offers no more than this. */
    void limitVideo(final long bps) {
        videoLimitBps = bps;
    }

    /** One turn; call every millisecond. */
    void turn(final long nowNs) {
        link.advance(nowNs);
        receive(nowNs);
        while (!feedbacks.isEmpty() && feedbacks.peek().atNs <= nowNs) {
            final Feedback next = feedbacks.poll();
            if (!compound.wrap(next.bytes, 0, next.bytes.capacity()) || !compound.next()
                || !(streams == null ? feedback.wrap(compound) : streamFeedback.wrap(compound))) {
                throw new AssertionError("the test's feedback is not understood");
            }
            if (streams == null) {
                control.onTransportFeedback(feedback, nowNs);
            } else {
                reader.read(streamFeedback, (ssrc, sequence) -> streams[ssrc - 1].numbers.find(sequence), control,
                    nowNs);
            }
        }
        while (!requests.isEmpty() && requests.peek().atNs <= nowNs) {
            send(SPEECH, requests.poll().speech, SPEECH_BYTES, ClinicalClass.SPEECH, nowNs);
        }
        if (nowNs >= nextSpeechNs) {
            nextSpeechNs += SPEECH_NS;
            final int number = speechCount++ & 0xFFFF;
            speechSentNs[number] = nowNs;
            speechArrivedNs[number] = -1;
            asked[number] = 0;
            send(SPEECH, number, SPEECH_BYTES, ClinicalClass.SPEECH, nowNs);
        }
        if (nowNs >= nextFrameNs) {
            nextFrameNs += FRAME_NS;
            frame(nowNs);
        }
        if (nowNs >= control.nextDeadlineNs()) {
            control.handleTimeout(nowNs);
        }
        drain(nowNs);
    }

    private void frame(final long nowNs) {
        final long speechBps = SPEECH_BYTES * Byte.SIZE * 1000 * MS / SPEECH_NS;
        final long wanted = fixedVideoBps > 0 ? fixedVideoBps : Math.max(0, control.targetBps() - speechBps);
        final long rate = fixedVideoBps < 0 ? 0 : Math.min(wanted, videoLimitBps);
        final long frameBytes = rate * FRAME_NS / (Byte.SIZE * 1000 * MS);
        int bytes = (int) (frameBytes * (0.8 + 0.4 * random.nextDouble()));
        while (bytes > 0) {
            final int part = Math.min(bytes, PACKET_BYTES);
            video.add(new Waiting(Math.max(part, 60), nowNs));
            videoOffered++;
            bytes -= part;
        }
    }

    private void drain(final long nowNs) {
        while (!video.isEmpty() && nowNs - video.peek().queuedNs > VIDEO_AGE_NS) {
            video.poll();
            videoDropped++;
        }
        while (!video.isEmpty() && control.mayLeave(ClinicalClass.FACE_VIDEO, nowNs)) {
            send(VIDEO, 0, video.poll().bytes, ClinicalClass.FACE_VIDEO, nowNs);
        }
        for (int wanted = control.paddingBytes(nowNs); wanted > 0; wanted = control.paddingBytes(nowNs)) {
            send(VIDEO, 0, PADDING_BYTES, ClinicalClass.BACKFILL, nowNs);
        }
    }

    private void send(final int kind, final int number, final int bytes, final ClinicalClass clinicalClass,
        final long nowNs) {
        final int transport = control.nextTransportNumber(clinicalClass, bytes, nowNs);
        if (transport != (sentNumbers & 0xFFFF)) {
            throw new AssertionError("number " + transport + " after " + sentNumbers);
        }
        if (streams != null) {
            final Stream stream = streams[kind - 1];
            names[transport] = (long) kind << 32 | stream.sent;
            stream.numbers.put(stream.sent++, transport);
        }
        final long tag = sentNumbers++ << 20 | (long) kind << 16 | number;
        link.offer(this::onArrival, tag, bytes, nowNs);
    }

    private void onArrival(final long tag, final int bytes, final long arrivalNs) {
        final long transport = tag >>> 20;
        receivedBytes += bytes;
        arrivals[(int) transport & 0xFFFF] = arrivalNs;
        highestArrived = Math.max(highestArrived, transport);
        if (streams != null) {
            final long name = names[(int) transport & 0xFFFF];
            final Stream stream = streams[(int) (name >>> 32) - 1];
            stream.arrivals[(int) name & 0xFFFF] = arrivalNs;
            stream.end = Math.max(stream.end, (int) name + 1);
        }
        if ((tag >>> 16 & 0xF) == SPEECH) {
            final int number = (int) tag & 0xFFFF;
            if (speechArrivedNs[number] < 0) {
                speechArrivedNs[number] = arrivalNs;
            }
            if (number > speechHighest) {
                speechHighest = number;
            }
        }
    }

    private void receive(final long nowNs) {
        for (int i = speechSettled; i < speechCount; i++) {
            final boolean overdue = nowNs - speechSentNs[i] > PLAYOUT_NS + backNs;
            if (overdue && i == speechSettled) {
                speechSettled++;
                if (speechArrivedNs[i] >= 0 && speechArrivedNs[i] - speechSentNs[i] <= PLAYOUT_NS + backNs) {
                    speechPlayed++;
                } else {
                    speechLost++;
                }
            } else if (i < speechHighest && speechArrivedNs[i] < 0 && asked[i] < 10
                && (asked[i] == 0 || nowNs - askedNs[i] > 2 * backNs + 20 * MS)) {
                asked[i]++;
                askedNs[i] = nowNs;
                if (random.nextDouble() >= feedbackLoss) {
                    requests.add(new Request(i, nowNs + backNs));
                }
            }
        }
        if (nowNs >= nextFeedbackNs && highestArrived >= firstUnreported) {
            nextFeedbackNs = nowNs + FEEDBACK_NS;
            if (streams == null) {
                report(nowNs);
            } else {
                reportStreams(nowNs);
            }
        }
    }

    private void reportStreams(final long nowNs) {
        firstUnreported = highestArrived + 1;
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[4096]);
        bytes.putShort(0, (short) 0x8BCD, BIG_ENDIAN);
        int at = 8;
        for (final Stream stream : streams) {
            final int count = Math.min(stream.end - stream.unreported, 400);
            bytes.putInt(at, stream.ssrc, BIG_ENDIAN);
            bytes.putShort(at + 4, (short) stream.unreported, BIG_ENDIAN);
            bytes.putShort(at + 6, (short) count, BIG_ENDIAN);
            at += 8;
            for (int i = 0; i < count; i++, at += 2) {
                final int place = stream.unreported++ & 0xFFFF;
                final long arrival = stream.arrivals[place];
                stream.arrivals[place] = -1;
                bytes.putShort(at, (short) (arrival < 0 ? 0 : 0x8000 | (nowNs - arrival) * 1024 / (1000 * MS)),
                    BIG_ENDIAN);
            }
            at += (count & 1) * 2;
        }
        bytes.putInt(at, (int) (nowNs / MS * 65_536 / 1000), BIG_ENDIAN);
        at += 4;
        bytes.putShort(2, (short) (at / 4 - 1), BIG_ENDIAN);
        if (random.nextDouble() >= feedbackLoss) {
            feedbacks.add(new Feedback(new UnsafeBuffer(bytes, 0, at), nowNs + backNs));
        }
    }

    private void report(final long nowNs) {
        long at = firstUnreported;
        while (at <= highestArrived && arrivals[(int) at & 0xFFFF] < 0) {
            at++;
        }
        // From the first one on that nothing was said of, though it may be missing.
        writer.begin((int) firstUnreported, arrivals[(int) at & 0xFFFF]);
        for (; at <= highestArrived; at++) {
            final long arrival = arrivals[(int) at & 0xFFFF];
            if (arrival >= 0 && !writer.add((int) at & 0xFFFF, arrival)) {
                break;
            }
            arrivals[(int) at & 0xFFFF] = -1;
        }
        firstUnreported = at;
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[1500]);
        final RtcpWriter out = new RtcpWriter().begin(bytes, 0, bytes.capacity());
        if (!out.transportFeedback(writer, 1, 2, feedbackCount++)) {
            throw new AssertionError("no feedback written");
        }
        if (random.nextDouble() >= feedbackLoss) {
            feedbacks.add(new Feedback(new UnsafeBuffer(bytes, 0, out.length()), nowNs + backNs));
        }
    }

    /** Bytes that arrived since the last call. */
    long takeReceivedBytes() {
        final long taken = receivedBytes - delayedBytes;
        delayedBytes = receivedBytes;
        return taken;
    }
}
