package org.chevet.bench.vitals;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.AckMode;
import org.chevet.codec.vitals.sbe.BlockDecoder;
import org.chevet.codec.vitals.sbe.BlockEncoder;
import org.chevet.codec.vitals.sbe.ClinicalClass;
import org.chevet.codec.vitals.sbe.CreditEncoder;
import org.chevet.codec.vitals.sbe.HelloEncoder;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.MessageHeaderEncoder;
import org.chevet.codec.vitals.sbe.OpenStreamEncoder;
import org.chevet.codec.vitals.sbe.SampleFormat;
import org.chevet.codec.vitals.sbe.StartFrom;
import org.chevet.codec.vitals.sbe.StreamAnnouncedDecoder;
import org.chevet.codec.vitals.sbe.StreamOpenedDecoder;
import org.chevet.codec.vitals.sbe.SubscribeEncoder;
import org.chevet.codec.vitals.sbe.SubscribedDecoder;
import org.chevet.codec.vitals.sbe.WelcomeDecoder;
import org.chevet.codec.vitals.sbe.YesNo;

/** {@code chevet.vitals.v1} over WebSocket: frames are built once and only sequence, sample and stamp change. */
final class RelayWire implements Wire {
    private static final int CREDIT = 256;
    private static final int SAMPLES = 100;
    private static final int KEY_ID = 7;
    /** Masked frame with a 16-bit length: two bytes, length, mask of zeros. */
    private static final int LONG_HEAD = 8;
    private static final int CLOSE = 8;
    private static final int LARGEST_SHORT = 125;
    private static final int BLOCK_BYTES =
        VitalsReader.HEADER_LENGTH + BlockEncoder.BLOCK_LENGTH + Integer.BYTES + Payload.BYTES;
    private static final int BODY_AT = VitalsReader.HEADER_LENGTH;
    private static final Pattern TOKEN = Pattern.compile("\"token\"\\s*:\\s*\"([^\"]+)\"");

    private final URI base;
    private final String apiKey;
    private final String consultation;
    private final HttpClient http = HttpClient.newHttpClient();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[8192]);
    private final byte[] blockHead = new byte[BLOCK_BYTES - Payload.BYTES];
    private final long[] streamIds = new long[64];

    /** Opens the consultation. */
    RelayWire(final URI base, final String apiKey, final String consultation) throws IOException {
        this.base = base;
        this.apiKey = apiKey;
        this.consultation = consultation;
        post("/v1/consultations", "{\"id\":\"" + consultation + "\"}");
        final BlockEncoder block = new BlockEncoder();
        block.wrapAndApplyHeader(scratch, 0, header).sequence(0).firstSample(0).deviceTimeNs(0).streamId(0)
            .sampleCount(SAMPLES).flags().clear();
        block.putPayload(new byte[Payload.BYTES], 0, Payload.BYTES);
        scratch.getBytes(0, blockHead);
    }

    @Override
    public SocketChannel publisher(final int stream) throws IOException {
        final ByteBuffer in = buffer();
        final SocketChannel channel = greeted("pub-" + stream, "publish:waveform", in);
        final OpenStreamEncoder open = new OpenStreamEncoder();
        open.wrapAndApplyHeader(scratch, 0, header).rateNumerator(1000).rateDenominator(1).oldestSequence(0)
            .nextSequence(0).scale(1).zeroOffset(0).missingValue(0).handle(stream).mdcCode(0).bodySite(0)
            .keyId(KEY_ID).staleAfterMs(0).kind(Kind.WAVEFORM).clinicalClass(ClinicalClass.LIVE_WAVEFORM)
            .sampleFormat(SampleFormat.OPAQUE).hasMissingValue(YesNo.NO).ackMode(AckMode.HELD)
            .channelsCount(1).next().mdc(0).label("c").unit("mV");
        open.name("stream").label("").device("bench");
        send(channel, VitalsReader.HEADER_LENGTH + open.encodedLength());
        final int at = await(channel, in, StreamOpenedDecoder.TEMPLATE_ID);
        streamIds[stream] = in.getInt(at + BODY_AT + StreamOpenedDecoder.streamIdEncodingOffset());
        return channel;
    }

    @Override
    public SocketChannel subscriber(final int number, final int streams) throws IOException {
        final ByteBuffer in = buffer();
        final SocketChannel channel = greeted("sub-" + number, "subscribe:waveform", in);
        for (int i = 0; i < streams; i++) {
            await(channel, in, StreamAnnouncedDecoder.TEMPLATE_ID);
        }
        for (int i = 0; i < streams; i++) {
            final SubscribeEncoder subscribe = new SubscribeEncoder();
            subscribe.wrapAndApplyHeader(scratch, 0, header).value(0).streamId(streamIds[i]).credit(CREDIT)
                .start(StartFrom.SEQUENCE).required(YesNo.NO);
            send(channel, VitalsReader.HEADER_LENGTH + subscribe.encodedLength());
            await(channel, in, SubscribedDecoder.TEMPLATE_ID);
        }
        return channel;
    }

    @Override
    public int blockBytes() {
        return LONG_HEAD + BLOCK_BYTES;
    }

    @Override
    public void put(final ByteBuffer out, final int stream, final long sequence, final long stampNs) {
        out.put((byte) 0x82).put((byte) 0xFE).put((byte) (BLOCK_BYTES >>> 8)).put((byte) BLOCK_BYTES).putInt(0);
        final int body = out.position() + BODY_AT;
        out.put(blockHead);
        out.putLong(body + BlockEncoder.sequenceEncodingOffset(), sequence);
        out.putLong(body + BlockEncoder.firstSampleEncodingOffset(), sequence * SAMPLES);
        out.putLong(body + BlockEncoder.deviceTimeNsEncodingOffset(), stampNs);
        out.putInt(body + BlockEncoder.streamIdEncodingOffset(), (int) streamIds[stream]);
        Payload.put(out, stream, sequence, stampNs);
    }

    @Override
    public int take(final ByteBuffer in) {
        final int start = in.position();
        if (in.limit() - start < 2) {
            return INCOMPLETE;
        }
        final int opcode = in.get(start) & 0x0F;
        int length = in.get(start + 1) & 0x7F;
        int at = start + 2;
        if (length > LARGEST_SHORT) {
            if (in.limit() - start < 4) {
                return INCOMPLETE;
            }
            length = bigEndian(in, at);
            at += 2;
        }
        if (at + length > in.limit()) {
            return INCOMPLETE;
        }
        in.position(at + length);
        if (opcode != 2) {
            if (opcode == CLOSE) {
                throw new IllegalStateException("the relay closed the connection: "
                    + bigEndian(in, at));
            }
            return OTHER;
        }
        final int template = in.getShort(at + 2);
        return template == BlockDecoder.TEMPLATE_ID ? at + BLOCK_BYTES - Payload.BYTES : OTHER;
    }

    @Override
    public void grant(final ByteBuffer out, final int stream, final long receivedBelow) {
        if (receivedBelow % (CREDIT / 4) != 0) {
            return;
        }
        final int length = VitalsReader.HEADER_LENGTH + CreditEncoder.BLOCK_LENGTH;
        out.put((byte) 0x82).put((byte) (0x80 | length)).putInt(0);
        out.putShort((short) CreditEncoder.BLOCK_LENGTH).putShort((short) CreditEncoder.TEMPLATE_ID)
            .putShort((short) CreditEncoder.SCHEMA_ID).putShort((short) CreditEncoder.SCHEMA_VERSION);
        final int body = out.position();
        out.position(body + CreditEncoder.BLOCK_LENGTH);
        out.putLong(body + CreditEncoder.receivedBelowEncodingOffset(), receivedBelow);
        out.putInt(body + CreditEncoder.streamIdEncodingOffset(), (int) streamIds[stream]);
        out.putInt(body + CreditEncoder.creditEncodingOffset(), CREDIT);
    }

    /** Connects and says Hello; what came behind Welcome stays in the buffer. */
    private SocketChannel greeted(final String participant, final String grant, final ByteBuffer in)
        throws IOException {
        final String reply = post("/v1/tokens", "{\"consultation\":\"" + consultation + "\",\"participant\":\""
            + participant + "\",\"role\":\"companion\",\"grants\":[\"" + grant + "\"]}");
        final Matcher token = TOKEN.matcher(reply);
        if (!token.find()) {
            throw new IOException("no token in the relay's answer: " + reply);
        }
        final SocketChannel channel =
            SocketChannel.open(new InetSocketAddress(base.getHost(), base.getPort() < 0 ? 80 : base.getPort()));
        channel.socket().setTcpNoDelay(true);
        final String request = "GET /v1/vitals HTTP/1.1\r\nHost: " + base.getHost() + "\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            + "Sec-WebSocket-Protocol: chevet.vitals.v1\r\nAuthorization: Bearer " + token.group(1) + "\r\n\r\n";
        channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
        final StringBuilder head = new StringBuilder();
        final ByteBuffer one = ByteBuffer.allocate(1);
        while (head.indexOf("\r\n\r\n") < 0) {
            one.clear();
            Wire.fill(channel, one, 1);
            head.append((char) one.get(0));
        }
        if (!head.toString().startsWith("HTTP/1.1 101")) {
            throw new IOException("no WebSocket: " + head);
        }
        final HelloEncoder hello = new HelloEncoder();
        hello.wrapAndApplyHeader(scratch, 0, header).instance(participant.hashCode()).maxVersion(0).client("bench");
        send(channel, VitalsReader.HEADER_LENGTH + hello.encodedLength());
        await(channel, in, WelcomeDecoder.TEMPLATE_ID);
        return channel;
    }

    private String post(final String path, final String body) throws IOException {
        final HttpRequest request = HttpRequest.newBuilder(base.resolve(path)).header("authorization",
            "Bearer " + apiKey).header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)).build();
        try {
            final HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 201) {
                throw new IOException(path + " answered " + response.statusCode() + ": " + response.body());
            }
            return response.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void send(final SocketChannel channel, final int length) throws IOException {
        final ByteBuffer out = ByteBuffer.allocate(length + LONG_HEAD);
        out.put((byte) 0x82);
        if (length > LARGEST_SHORT) {
            out.put((byte) 0xFE).putShort((short) length).putInt(0);
        } else {
            out.put((byte) (0x80 | length)).putInt(0);
        }
        out.put(scratch.byteArray(), 0, length);
        Wire.send(channel, out);
    }

    /** Reads messages until one of the template comes and returns where it begins; later ones stay in the buffer. */
    private static int await(final SocketChannel channel, final ByteBuffer in, final int template)
        throws IOException {
        while (true) {
            in.flip();
            final int available = in.limit();
            if (available >= 2) {
                final int length = in.get(1) & 0x7F;
                final int head = length > LARGEST_SHORT ? 4 : 2;
                final int size = available < head ? 0
                    : length > LARGEST_SHORT ? bigEndian(in, 2) : length;
                if (available >= head + size && available >= head) {
                    final boolean wanted = (in.get(0) & 0x0F) == 2 && in.getShort(head + 2) == template;
                    final byte[] message = new byte[size];
                    in.get(head, message);
                    if ((in.get(0) & 0x0F) == CLOSE) {
                        throw new IOException("the relay closed the connection: "
                            + bigEndian(ByteBuffer.wrap(message), 0) + " "
                            + new String(message, 2, size - 2, StandardCharsets.UTF_8));
                    }
                    in.position(head + size);
                    in.compact();
                    if (wanted) {
                        // The found message is laid behind what is left, where nothing else looks at it.
                        final int at = in.capacity() - size;
                        in.put(at, message);
                        return at;
                    }
                    continue;
                }
            }
            in.compact();
            Wire.fill(channel, in, in.position() + 1);
        }
    }

    private static int bigEndian(final ByteBuffer in, final int at) {
        return ((in.get(at) & 0xFF) << Byte.SIZE) | (in.get(at + 1) & 0xFF);
    }

    private static ByteBuffer buffer() {
        return ByteBuffer.allocate(256 * 1024).order(LITTLE_ENDIAN);
    }
}
