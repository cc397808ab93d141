package org.chevet.relay.route;

import static org.chevet.relay.route.Bench.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtcp.ExtendedReport;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.wire.NtpTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The relay learns the clock of sender reports by reference times and tells subscribers the time of their media. */
class PublisherClockTest {
    private static final int RATE = 48_000;

    private final Bench bench = new Bench(1024);
    private final PriorityQueue<long[]> arriving = new PriorityQueue<>((a, b) -> Long.compare(a[0], b[0]));
    private int reportsSeen;

    @BeforeEach
    void publishAndListen() {
        bench.publisher(1, 1, Bench.receive("a", MediaKind.AUDIO, List.of(Bench.OPUS), Bench.AUDIO_EXTENSIONS));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, Bench.send("x", MediaKind.AUDIO, List.of(Bench.OPUS),
            Bench.AUDIO_EXTENSIONS, 500, 0));
    }

    @AfterEach
    void noSlotIsLeaked() {
        bench.close();
    }

    @Test
    @Tag("REQ-A3")
    void mediaTimesHoldTheTruthWithDriftAsymmetryAndJitter() {
        long widest = 0;
        long worst = 0;
        for (int seed = 0; seed < 40; seed++) {
            final Sender sender = new Sender(seed);
            arriving.clear();
            reportsSeen = bench.reportsTo(1).size();
            bench.router.removePeer(1, bench.nowNs);
            bench.publisher(1, 1, Bench.receive("a", MediaKind.AUDIO, List.of(Bench.OPUS), Bench.AUDIO_EXTENSIONS));
            for (int i = 0; i < 1_500; i++) {
                sender.step(i);
            }
            final List<MediaTime> times = bench.router.mediaTimes(2, bench.nowNs);
            assertEquals(1, times.size(), "seed " + seed);
            final MediaTime time = times.get(0);
            assertEquals("x", time.mid());
            assertEquals(RATE, time.clockRate());
            final int outgoing = bench.sentTo(2, 500).get(bench.sentTo(2, 500).size() - 1).timestamp();
            final long captured = time.laneNs()
                + (outgoing - (int) time.timestamp()) * 1_000_000_000L / RATE;
            final long error = Math.abs(captured - sender.lastCapturedNs);
            assertTrue(error <= time.uncertaintyNs(), "seed " + seed + ": " + error + " > " + time.uncertaintyNs());
            widest = Math.max(widest, time.uncertaintyNs());
            worst = Math.max(worst, error);
        }
        assertTrue(worst <= 41 * MS, "80 ms of asymmetry cost half of it and little more: " + worst);
        assertTrue(widest <= 60 * MS, "uncertainty " + widest);
    }

    @Test
    void withoutAnswersTheTimeIsUnknown() {
        final Sender sender = new Sender(3);
        sender.answers = false;
        for (int i = 0; i < 1_500; i++) {
            sender.step(i);
        }
        assertEquals(List.of(), bench.router.mediaTimes(2, bench.nowNs));
        assertEquals(List.of(), bench.router.mediaTimes(1, bench.nowNs), "a publisher receives none");
    }

    @Test
    void answersThatCannotBeAreIgnored() {
        final PublisherClock clock = new PublisherClock();
        final long now = 500_000 * MS;
        final long ntp = NtpTime.ofUnixNs(7_000_000 * MS);
        final int asked = NtpTime.middle32(PublisherClock.referenceTime(now - 20 * MS));
        for (int i = 0; i < 20; i++) {
            clock.onAnswer(ntp, 0, 0, now);
            clock.onAnswer(ntp, asked, NtpTime.nsToMiddle32(40 * MS), now);
            clock.onAnswer(ntp, NtpTime.middle32(PublisherClock.referenceTime(now + 5 * MS)), 0, now);
            clock.onAnswer(ntp, NtpTime.middle32(PublisherClock.referenceTime(now - 90_000 * MS)), 0, now);
            clock.onAnswer(ntp, asked, -1, now);
        }
        assertTrue(!clock.known());
        for (int i = 0; i < 8; i++) {
            clock.onAnswer(ntp, asked, NtpTime.nsToMiddle32(10 * MS), now);
        }
        assertTrue(clock.known());
        assertTrue(Math.abs(now - 5 * MS - clock.laneNs(ntp, now)) <= clock.uncertaintyNs(now));
    }

    /** A publisher with a clock of its own behind a path with 80 ms more on one way. */
    private final class Sender {
        private final Random random;
        private final double drift;
        private final long zero;
        private final long upMore;
        private final long downMore;
        private boolean answers = true;
        private long lastCapturedNs;
        private long askedNs;
        private int reference;

        Sender(final int seed) {
            random = new Random(seed);
            drift = (random.nextDouble() * 2 - 1) * 100e-6;
            zero = 1_700_000_000_000L * MS + random.nextInt() * MS;
            upMore = random.nextInt(3) * 40L * MS;
            downMore = 80 * MS - upMore;
        }

        private long clock(final long laneNs) {
            return zero + laneNs + Math.round((laneNs - 1_000 * MS) * drift);
        }

        private int rtp(final long laneNs) {
            return (int) (clock(laneNs) / 1_000 * 48 / 1_000);
        }

        /** 20 ms: a packet, the relay's questions, now and then a report with the answer. */
        void step(final int i) {
            final int timestamp = rtp(bench.nowNs);
            lastCapturedNs = bench.nowNs;
            bench.packet(77, 111, i, timestamp, false);
            bench.rtp(1, new byte[] {1, 2, 3});
            if (i % 45 == 20) {
                arriving.add(new long[] {bench.nowNs + 1 + upMore + random.nextInt(3_000_000), bench.nowNs});
            }
            final long until = bench.nowNs + 20 * MS;
            while (!arriving.isEmpty() && arriving.peek()[0] <= until) {
                final long[] one = arriving.poll();
                bench.advance(Math.max(0, one[0] - bench.nowNs));
                report(one[1]);
            }
            bench.advance(until - bench.nowNs);
            hear();
        }

        private void report(final long leftNs) {
            final RtcpWriter writer = bench.rtcpWriter();
            writer.senderReport(77, NtpTime.ofUnixNs(clock(leftNs)), rtp(leftNs), 1, 1);
            if (answers && reference != 0 && askedNs <= leftNs) {
                final long held = clock(leftNs) - clock(askedNs);
                writer.delaySinceReference(77, Bench.RTCP_SSRC, reference, NtpTime.nsToMiddle32(held));
            }
            bench.rtcp(1, writer);
        }

        private void hear() {
            final List<Bench.Report> reports = bench.reportsTo(1);
            for (; reportsSeen < reports.size(); reportsSeen++) {
                final Bench.Report report = reports.get(reportsSeen);
                final RtcpCompound compound = new RtcpCompound();
                final ExtendedReport extended = new ExtendedReport();
                assertTrue(compound.wrap(new UnsafeBuffer(report.bytes()), 0, report.bytes().length));
                while (compound.next()) {
                    if (extended.wrap(compound) && extended.findReferenceTime()) {
                        reference = NtpTime.middle32(extended.ntp());
                        askedNs = report.atNs() + downMore + random.nextInt(3_000_000);
                    }
                }
            }
        }
    }
}
