package org.chevet.relay.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The fake keeps the contract that others test against. */
class FakeDtlsTest {
    @Test
    void connectsRepeatsAndCloses() {
        final FakeDtls server = new FakeDtls(DtlsRole.SERVER, (byte) 5, () -> { });
        final FakeDtls client = new FakeDtls(DtlsRole.CLIENT, (byte) 5, () -> { });
        client.pollTransmit(new org.agrona.concurrent.UnsafeBuffer(new byte[2]), 0);
        assertFalse(FakeDtls.carry(client, server), "the hello was lost");
        client.resend();
        assertTrue(FakeDtls.carry(client, server));
        assertEquals(Dtls.State.CONNECTED, server.state());
        assertTrue(FakeDtls.carry(server, client));
        assertArrayEquals(server.keys().exporter(), client.keys().exporter());
        server.close();
        FakeDtls.carry(server, client);
        assertEquals(Dtls.State.CLOSED, client.state());
    }
}
