package org.chevet.ops.main;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chevet.ops.config.ConfigException;
import org.chevet.ops.config.ConfigReader;
import org.chevet.ops.config.Secrets;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.token.TokenIssuer;
import org.chevet.relay.token.TokenRefusal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code chevet token}: a participant's token, for people and scripts. */
@Command(name = "token", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Make a token that lets one participant into one consultation.",
    footer = {"",
        "Example:  chevet token --consultation c1 --participant dr-1 --role practitioner --config chevet.yaml",
        "The token alone is printed, so that it can be used as \"$(chevet token ...)\"."})
final class TokenCommand implements Callable<Integer> {
    private static final Pattern TTL = Pattern.compile("(\\d{1,6})([smh])");

    @Spec
    private CommandSpec spec;

    @Option(names = "--consultation", required = true, paramLabel = "ID", description = "The consultation it opens.")
    private String consultation;

    @Option(names = "--participant", required = true, paramLabel = "ID",
        description = "Who: an opaque id, the claim sub.")
    private String participant;

    @Option(names = "--role", required = true, paramLabel = "ROLE",
        description = "patient, companion, practitioner, guest or device.")
    private String role;

    @Option(names = "--name", paramLabel = "NAME", defaultValue = "", description = "What the others see.")
    private String name;

    @Option(names = "--grant", paramLabel = "GRANT", split = ",",
        description = "publish:CLASS or subscribe:CLASS, repeated; without it the role's own.")
    private @Nullable List<String> grants;

    @Option(names = "--ttl", paramLabel = "TIME", defaultValue = "1h",
        description = "How long it is good, like 90s, 15m or 8h; at most 24h (default: ${DEFAULT-VALUE}).")
    private String ttl;

    @ArgGroup(exclusive = true, multiplicity = "0..1")
    private @Nullable Source source;

    /** Where the key is. */
    static final class Source {
        @Option(names = "--config", paramLabel = "FILE",
            description = "Sign with a key of this configuration (or of the environment, without the option).")
        private @Nullable Path config;

        @Option(names = "--key", paramLabel = "KID=SECRET",
            description = "Sign with this key; SECRET is text, base64:... or file:PATH.")
        private @Nullable String key;
    }

    @Override
    public Integer call() {
        final Map.Entry<String, byte[]> key = key();
        final long nowMs = System.currentTimeMillis();
        final Role known = Role.ofClaim(role.toLowerCase(Locale.ROOT)).orElseThrow(
            () -> new ConfigException("--role is " + role + ": accepted is one of "
                + String.join(", ", List.of(Role.values()).stream().map(Role::claim).toList()) + "."));
        try {
            spec.commandLine().getOut().println(new TokenIssuer(key.getKey(), key.getValue()).issue(new Claims(
                participant, consultation, known, name, grants(known), nowMs + lifetime().toMillis()), nowMs));
            return 0;
        } catch (final TokenRefusal e) {
            throw new ConfigException("No token was made: " + e.getMessage() + ".");
        }
    }

    private Grants grants(final Role known) {
        try {
            return grants == null ? Grants.defaultsOf(known) : Grants.parse(grants);
        } catch (final IllegalArgumentException e) {
            throw new ConfigException("--grant: " + e.getMessage() + ".");
        }
    }

    private Duration lifetime() {
        final Matcher matcher = TTL.matcher(ttl);
        if (!matcher.matches()) {
            throw new ConfigException("--ttl is " + ttl
                + ": accepted is a number with s, m or h, like 90s, 15m or 8h.");
        }
        final long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    /** The key of the command line, or the one of the configuration a server would sign with. */
    private Map.Entry<String, byte[]> key() {
        if (source != null && source.key != null) {
            final int equals = source.key.indexOf('=');
            if (equals <= 0) {
                throw new ConfigException("--key has no key id: accepted is KID=SECRET.");
            }
            return Map.entry(source.key.substring(0, equals),
                Secrets.ofOption("--key", source.key.substring(equals + 1)));
        }
        final Path file = source == null ? null : source.config;
        final TreeMap<String, byte[]> keys = new TreeMap<>(ConfigReader.load(file, true).relay().tokenKeys());
        if (keys.isEmpty()) {
            throw new ConfigException("There is no key to sign with: give --config with a file that has tokens.keys,"
                + " --key KID=SECRET, or the environment variable CHEVET_TOKENS_KEYS.");
        }
        return keys.lastEntry();
    }
}
