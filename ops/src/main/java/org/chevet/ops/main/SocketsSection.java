package org.chevet.ops.main;

import java.io.IOException;
import java.io.PrintWriter;
import org.chevet.relay.api.SocketReport;
import org.chevet.relay.api.Tuning;

/** How lanes send and receive here, what the kernel grants them, and whether each has a processor. */
final class SocketsSection implements DoctorSection {
    private final Tuning tuning;
    private final int lanes;
    private final int processors;

    /**
     * Takes the settings of the server and the machine it would run on.
     *
     * @param lanes as configured; 0 is one per processor
     */
    SocketsSection(final Tuning tuning, final int lanes, final int processors) {
        this.tuning = tuning;
        this.lanes = lanes == 0 ? processors : lanes;
        this.processors = processors;
    }

    @Override
    public String title() {
        return "Sockets of media";
    }

    @Override
    public boolean print(final PrintWriter out) {
        final boolean good = printSockets(out);
        out.println(DoctorSection.line("lanes", lanes + " for " + processors
            + (processors == 1 ? " processor" : " processors") + (lanes <= processors ? ""
                : ": more lanes than processors wait for each other; set media.lanes to 0 or at most " + processors)));
        return good;
    }

    private boolean printSockets(final PrintWriter out) {
        try {
            print(SocketReport.examine(tuning), tuning, out);
            return true;
        } catch (final IOException e) {
            out.println(DoctorSection.line("path", "none: " + e.getMessage()));
            return false;
        }
    }

    /** Prints what was found out. */
    static void print(final SocketReport report, final Tuning tuning, final PrintWriter out) {
        if (!report.systemCalls()) {
            out.println(DoctorSection.line("path", "Netty's portable channels; batched system calls, UDP GSO and one"
                + " port for all lanes need 64-bit Linux and --enable-native-access=ALL-UNNAMED"));
            return;
        }
        out.println(DoctorSection.line("path", "recvmmsg and sendmmsg, tried over the loopback interface"));
        out.println(DoctorSection.line("UDP GSO", report.segmenting() ? "works"
            : tuning.segmenting() ? "refused by this kernel: each datagram is a message" : "off by media.gso"));
        out.println(DoctorSection.line("stamps", report.stamps() ? "the kernel says when a datagram arrived"
            : "none from this kernel: forwarding times start when a datagram is read"));
        out.println(DoctorSection.line("receive", granted(report.receiveBytes(), report.wantedBytes(), "rmem_max")));
        out.println(DoctorSection.line("send", granted(report.sendBytes(), report.wantedBytes(), "wmem_max")));
    }

    private static String granted(final int bytes, final int wanted, final String limit) {
        final String text = bytes / 1024 + " KiB of buffer";
        return bytes >= wanted ? text : text + ", " + wanted / 1024 + " were asked for: sysctl -w net.core." + limit
            + "=" + wanted;
    }
}
