package org.chevet.relay.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.vitals.sbe.BlockDecoder;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.vitals.VitalsHub;
import org.chevet.relay.vitals.VitalsLimits;
import org.chevet.relay.vitals.VitalsRights;

/**
 * A hub and clients in virtual time, joined by links that keep order, take time, and lose everything under way when
 * they break: what WebSockets do.
 */
final class VitalsWorld {
    static final long MS = 1_000_000L;
    static final long SECOND = 1_000 * MS;
    private static final VitalsRights ALL = new VitalsRights(EnumSet.range(Kind.WAVEFORM, Kind.OBJECT),
        EnumSet.range(Kind.WAVEFORM, Kind.OBJECT));
    private static final int MAX_BURST = 64;
    private static final int REPEAT_ONE_IN = 20;

    final LaneStats stats = new LaneStats();
    final List<Node> nodes = new ArrayList<>();
    private final VitalsLimits limits;
    private final Random random;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1 << 18]);
    private final long stepNs;
    VitalsHub hub;
    long nowNs = SECOND;
    private int lastConnection;

    /** A message under way. */
    private record Flying(UnsafeBuffer bytes, long atNs) {
    }

    /** One client and its link. */
    final class Node {
        final VitalsMachine machine;
        final String participant;
        final boolean receives;
        private final ArrayDeque<Flying> up = new ArrayDeque<>();
        private final ArrayDeque<Flying> down = new ArrayDeque<>();
        private int connection = -1;
        private long connectAtNs;
        private long upFreeNs;
        private long downFreeNs;
        /** The socket takes nothing now. */
        boolean stalled;
        /** The program hangs: the connection stays, nothing is sent. */
        boolean frozen;
        int breaks;

        Node(final VitalsMachine machine, final String participant, final boolean receives) {
            this.machine = machine;
            this.participant = participant;
            this.receives = receives;
        }

        void breakLink() {
            if (connection >= 0) {
                hub.close(connection, nowNs);
                lose();
                breaks++;
            }
        }

        private void lose() {
            connection = -1;
            up.clear();
            down.clear();
            machine.disconnected();
            connectAtNs = nowNs + random.nextInt(2_000) * MS;
        }

        private void step() {
            if (connection < 0) {
                if (nowNs >= connectAtNs) {
                    lastConnection++;
                    connection = lastConnection;
                    hub.open(connection, participant, ALL, nowNs);
                    machine.connected(nowNs);
                }
                return;
            }
            if (frozen) {
                return;
            }
            if (machine.isDead(nowNs)) {
                breakLink();
                return;
            }
            send();
            while (!up.isEmpty() && up.peek().atNs <= nowNs) {
                final UnsafeBuffer message = up.poll().bytes;
                hub.handleMessage(connection, message, 0, message.capacity(), nowNs);
                if (message.getShort(2) == BlockDecoder.TEMPLATE_ID && random.nextInt(REPEAT_ONE_IN) == 0) {
                    // No WebSocket does this, but a publisher that resumes without asking may.
                    hub.handleMessage(connection, message, 0, message.capacity(), nowNs);
                }
            }
            receive();
            if (connection >= 0) {
                while (!down.isEmpty() && down.peek().atNs <= nowNs) {
                    final UnsafeBuffer message = down.poll().bytes;
                    machine.handle(message, 0, message.capacity(), nowNs);
                }
            }
        }

        private void send() {
            for (int i = 0; i < MAX_BURST; i++) {
                final int length = machine.pollTransmit(buffer, 0, nowNs);
                if (length == 0) {
                    return;
                }
                upFreeNs = Math.max(upFreeNs, nowNs + delayNs());
                up.add(new Flying(copy(length), upFreeNs));
            }
        }

        private void receive() {
            for (int i = 0; i < MAX_BURST && !stalled; i++) {
                final int length = hub.pollTransmit(connection, buffer, 0, nowNs);
                if (length == 0) {
                    break;
                }
                downFreeNs = Math.max(downFreeNs, nowNs + delayNs());
                down.add(new Flying(copy(length), downFreeNs));
            }
            if (hub.closeCode(connection) != 0 && !hub.hasTransmit(connection)) {
                breakLink();
            }
        }
    }

    VitalsWorld(final VitalsLimits limits, final Random random, final long stepNs) {
        this.limits = limits;
        this.random = random;
        this.stepNs = stepNs;
        hub = newHub();
    }

    Node add(final VitalsMachine machine, final String participant, final boolean receives) {
        final Node node = new Node(machine, participant, receives);
        nodes.add(node);
        return node;
    }

    void step() {
        nowNs += stepNs;
        nodes.forEach(Node::step);
        if (nowNs >= hub.nextDeadlineNs()) {
            hub.handleTimeout(nowNs);
        }
        int dirty = hub.pollDirty();
        while (dirty >= 0) {
            // Every link is polled in every step anyway: the queue of dirty connections is only kept short.
            dirty = hub.pollDirty();
        }
    }

    /** The relay's process dies and another starts: every link breaks, nothing is remembered. */
    void restartRelay() {
        hub = newHub();
        for (final Node node : nodes) {
            if (node.connection >= 0) {
                node.lose();
            }
        }
    }

    private VitalsHub newHub() {
        return new VitalsHub(limits, stats, random.nextLong(), 0);
    }

    private long delayNs() {
        return random.nextInt(40) * MS;
    }

    private UnsafeBuffer copy(final int length) {
        final byte[] bytes = new byte[length];
        buffer.getBytes(0, bytes);
        return new UnsafeBuffer(bytes);
    }
}
