package org.chevet.bench.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.chevet.bench.report.Table;
import org.chevet.bench.server.ChevetServer;
import org.chevet.bench.server.JvmHeap;
import org.chevet.bench.server.ProcessSample;
import org.chevet.bench.server.ServerException;

/** The scenarios by name. One thread; blocks. */
final class Scenarios {
    /** Names a caller may give, besides {@code callsN}, {@code fanoutN} and {@code roomsNx10}. */
    static final List<String> SPECIAL = List.of("joins", "idle", "growth");

    private static final double MOST_LOSS = 0.001;
    private static final double MOST_MS = 10;
    private static final double KB = 1000;
    private static final int GROWTH_PPS = 12_500;

    private final Target target;
    private final LoadReport report;
    private final Terms terms;

    /**
     * How long and how.
     *
     * @param seconds of a window
     * @param warmUpSeconds before the first window
     * @param windows per scenario or step
     * @param openAll true to open every packet
     * @param repairs true to repair and to report as on a poor network
     * @param seed of everything random in the load
     * @param devices that publish vitals beside the plan
     */
    record Terms(double seconds, double warmUpSeconds, int windows, boolean openAll, boolean repairs, long seed,
        int devices) {
    }

    Scenarios(final Target target, final LoadReport report, final Terms terms) {
        this.target = target;
        this.report = report;
        this.terms = terms;
    }

    /** The plan of a name, or a sentence. */
    static Plan plan(final String name) {
        if (name.equals("call")) {
            return Plan.call();
        }
        if (name.matches("calls\\d{1,4}")) {
            return Plan.calls(Integer.parseInt(name.substring(5)));
        }
        if (name.matches("fanout\\d{1,3}")) {
            return Plan.fanout(Integer.parseInt(name.substring(6)));
        }
        if (name.matches("rooms\\d{1,4}x10")) {
            return Plan.rooms(Integer.parseInt(name.substring(5, name.length() - 3)));
        }
        throw new IllegalArgumentException("there is no scenario '" + name
            + "': call, callsN, fanoutN, roomsNx10, joins, idle, growth");
    }

    /** A plan as it is: join, warm up, measure, leave. */
    void run(final Plan plan) throws ServerException, InterruptedException, IOException {
        try (Load load = Load.on(target.server(), target.pid(), terms.openAll(), terms.repairs(), terms.seed())) {
            load.join(plan);
            if (terms.devices() > 0) {
                load.with(devices());
            }
            Thread.sleep((long) (terms.warmUpSeconds() * 1000));
            for (int i = 0; i < terms.windows(); i++) {
                report.add(load.measure(terms.seconds()));
            }
            report.add(plan.name(), load.joins());
            load.leaveAll();
        }
    }

    private Devices devices() throws ServerException, InterruptedException, IOException {
        if (!(target.server() instanceof final ChevetServer chevet)) {
            throw new ServerException("--vitals needs --self or --relay: other servers have no vitals");
        }
        final long baseNs = System.currentTimeMillis() * 1_000_000L - System.nanoTime();
        return Devices.start(chevet, terms.devices(), () -> baseNs + System.nanoTime());
    }

    /** Steps the video rate of a plan up until it no longer passes, then halves the step. */
    void findMax(final Plan plan) throws ServerException, InterruptedException, IOException {
        try (Load load = Load.on(target.server(), target.pid(), terms.openAll(), terms.repairs(), terms.seed())) {
            load.join(plan);
            Thread.sleep((long) (terms.warmUpSeconds() * 1000));
            final Ceiling ceiling = new Ceiling(1, (scale, seconds) -> {
                load.shape(plan.shape().withVideo((long) (plan.shape().videoBps() * scale)));
                Thread.sleep(1000);
                return load.measure(seconds);
            }, figures -> figures.all().loss() < MOST_LOSS && figures.oneWayMs(99) < MOST_MS);
            final Figures best = ceiling.find(terms.windows(), terms.seconds());
            ceiling.tried().forEach(report::add);
            if (best == null) {
                report.note(plan.name() + ": no load tried passes with loss < 0.1 % and p99 < 10 ms.");
            } else {
                report.note(String.format(Locale.ROOT, "%s: highest load with loss < 0.1 %% and p99 < 10 ms:"
                    + " %.0f packets/s forwarded at %s of the server's core%s.", plan.name(),
                    best.forwardedPerSecond(), Table.percent(best.serverCpu()),
                    ceiling.isGeneratorLimited() ? "; above it the load itself was the limit" : ""));
                report.figure("maxForwardedPerSecond", best.forwardedPerSecond());
            }
            load.leaveAll();
        }
    }

    /** Publishers join rooms in which somebody waits, and leave again, while calls run. */
    void joins(final double perSecond, final Plan background)
        throws ServerException, InterruptedException, IOException {
        if (!target.server().takesEarlySubscribers()) {
            throw new ServerException("joins needs a server that lets somebody wait for a publisher");
        }
        try (Load calls = Load.on(target.server(), target.pid(), terms.openAll(), terms.repairs(), terms.seed());
            Load doors = Load.on(target.server(), 0, terms.openAll(), terms.repairs(), terms.seed() + 1)) {
            calls.join(background);
            final DoorBell bell = new DoorBell(doors, perSecond);
            bell.open(target.server());
            Thread.sleep((long) (terms.warmUpSeconds() * 1000));
            final Figures before = calls.measure(terms.seconds());
            bell.ring();
            final Figures during = calls.measure(terms.seconds());
            final int broken = bell.stop();
            report.add(before);
            report.add(during);
            report.add("WHIP while calls run", doors.joins());
            report.note(String.format(Locale.ROOT, "joins: %d in %.0f s (%d failed) while %s ran: loss of the calls"
                + " %s, p99 %.2f ms before and %.2f ms during.", doors.joins().whole().getTotalCount(),
                during.seconds(), broken, background.name(), Table.percent(during.all().loss()),
                before.oneWayMs(99), during.oneWayMs(99)));
            doors.leaveAll();
            calls.leaveAll();
        }
    }

    /** Memory of participants who are connected and silent: each with a connection to send and one to receive. */
    void idle(final int participants) throws ServerException, InterruptedException, IOException {
        if (target.pid() == 0) {
            throw new ServerException("idle needs the server's process: --self or --pid");
        }
        final MediaShape silence = MediaShape.silence();
        try (Load load = Load.on(target.server(), target.pid(), terms.openAll(), terms.repairs(), terms.seed())) {
            // A first crowd loads classes and buffers that later ones share.
            load.join(new Plan("warm", Math.max(1, participants / 10), 2, 0, true, silence));
            load.leaveAll();
            Thread.sleep((long) (terms.warmUpSeconds() * 1000));
            final double heapBefore = JvmHeap.liveBytes(target.pid());
            final double before = ProcessSample.of(target.pid()).residentBytes();
            final Plan plan = new Plan("idle", Math.max(1, participants / 2), 2, 0, true, silence);
            load.join(plan);
            Thread.sleep((long) (terms.warmUpSeconds() * 1000));
            final Figures figures = load.measure(terms.seconds());
            final double after = ProcessSample.of(target.pid()).residentBytes();
            final double heap = JvmHeap.liveBytes(target.pid()) - heapBefore;
            final double each = (after - before) / KB / plan.publishers();
            final double eachHeap = Double.isNaN(heap) ? 0 : heap / KB / plan.publishers();
            report.add("idle", load.joins());
            report.figure("idleBaseBytes", before);
            report.figure("idleResidentKb", each);
            report.figure("idleHeapKb", eachHeap);
            report.figure("idleKbPerParticipant", each + eachHeap);
            report.note(String.format(Locale.ROOT, "idle: %d participants of two connections each take %.0f kB each,"
                + " %.0f of resident memory outside the heap and %.0f live on it; %.1f MB resident before, %.1f with"
                + " them%s; %s of a core.", plan.publishers(), each + eachHeap, each, eachHeap, before / 1e6,
                after / 1e6, Double.isNaN(heap) ? "" : " (the whole heap of " + JvmHeap.MEGABYTES
                    + " MiB is resident from the start)", Table.percent(figures.serverCpu())));
            load.leaveAll();
        }
    }

    /** The same packets, sizes and rates in all, once over few and once over many consultations. */
    void growth(final int few, final int many) throws ServerException, InterruptedException, IOException {
        final double[] costs = new double[2];
        final int[] sizes = {few, many};
        for (int i = 0; i < 2; i++) {
            final Plan plan = new Plan("growth" + sizes[i], sizes[i], 1, 1, false,
                MediaShape.audio(GROWTH_PPS / sizes[i], 160));
            try (Load load = Load.on(target.server(), target.pid(), terms.openAll(), terms.repairs(), terms.seed())) {
                load.join(plan);
                Thread.sleep((long) (terms.warmUpSeconds() * 1000));
                final List<Double> each = new ArrayList<>();
                for (int j = 0; j < Math.max(3, terms.windows()); j++) {
                    final Figures figures = load.measure(terms.seconds());
                    report.add(figures);
                    each.add(figures.cpuPerPacketUs());
                }
                each.sort(Double::compare);
                costs[i] = each.get(each.size() / 2);
                load.leaveAll();
            }
        }
        report.figure("growthRatio", costs[1] / costs[0]);
        report.note(String.format(Locale.ROOT, "growth: %.2f us of CPU per forwarded packet with %d consultations,"
            + " %.2f with %d, at the same %d packets/s in all: ratio %.2f.", costs[0], few, costs[1], many,
            GROWTH_PPS, costs[1] / costs[0]));
    }
}
