package org.chevet.ops.main;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import org.chevet.ops.config.ConfigException;
import org.chevet.ops.demo.DemoKeys;
import org.chevet.relay.api.Relay;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.token.TokenRefusal;

/** Tokens and links of one consultation on a server that was started to try things out. */
final class Links {
    /** A working day. */
    private static final long LIFETIME_MS = TimeUnit.HOURS.toMillis(12);

    private final Server server;
    private final String consultation;
    /** Of end-to-end encryption: the server never gets it. */
    private final String secret = DemoKeys.randomSecret();

    private Links(final Server server, final String consultation) {
        this.server = server;
        this.consultation = consultation;
    }

    /** Opens the consultation. */
    static Links open(final Server server, final String consultation, final EndToEndPolicy policy) {
        final var outcome = server.relay().open(consultation, policy).toCompletableFuture().join();
        final var refusal = outcome.refusal();
        if (refusal != null) {
            throw new ConfigException("The consultation could not be opened: " + refusal.detail() + ".");
        }
        return new Links(server, consultation);
    }

    /** A token that lives for a working day. */
    String token(final String participant, final Role role, final String name) {
        final Relay relay = server.relay();
        try {
            return relay.issueToken(new Claims(participant, consultation, role, name, Grants.defaultsOf(role),
                System.currentTimeMillis() + LIFETIME_MS));
        } catch (final TokenRefusal e) {
            throw new ConfigException("No token was made: " + e.getMessage() + ".");
        }
    }

    /** The key of the consultation as links carry it. */
    String secret() {
        return secret;
    }

    /** Prints one link per role; token and key are in the fragment, which browsers send to nobody. */
    void print(final PrintWriter out) {
        link(out, "Practitioner", "/practitioner", token("practitioner", Role.PRACTITIONER, "Practitioner"));
        link(out, "Companion of the patient", "/site", token("companion", Role.COMPANION, "Companion"));
        link(out, "Patient", "/site", token("patient", Role.PATIENT, "Patient"));
        link(out, "Guest", "/practitioner", token("guest", Role.GUEST, "Guest"));
    }

    private void link(final PrintWriter out, final String who, final String page, final String token) {
        out.println("  " + who);
        out.println("    " + server.address().http(page) + "#t=" + token + "&s=" + secret);
    }
}
