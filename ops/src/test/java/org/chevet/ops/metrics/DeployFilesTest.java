package org.chevet.ops.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.junit.jupiter.api.Test;

/** What operators install speaks of metrics, reasons, files and options that exist. */
class DeployFilesTest {
    private static final Path DEPLOY = Path.of("deploy");
    private static final Pattern NAME = Pattern.compile("\\b(?:chevet|jvm|process|system)_[a-z0-9_]+");
    private static final Pattern REASONS = Pattern.compile("reason=~?\"([a-z_|]+)\"");

    @Test
    void alertRulesNameMetricsThatExist() throws IOException {
        final JsonNode rules = new ObjectMapper(new YAMLFactory()).readTree(DEPLOY.resolve("alerts.yaml").toFile())
            .path("groups").path(0).path("rules");
        final List<String> expressions = new ArrayList<>();
        for (final JsonNode rule : rules) {
            expressions.add(rule.path("expr").asText());
            assertFalse(rule.path("alert").asText().isEmpty(), rule.toString());
            assertFalse(rule.path("annotations").path("summary").asText().isEmpty(), rule.toString());
            assertFalse(rule.path("annotations").path("action").asText().isEmpty(), rule.toString());
        }
        assertTrue(expressions.size() >= 8, expressions.toString());
        assertEquals(Set.of(), unknown(expressions));
    }

    @Test
    void theDashboardNamesMetricsThatExistAndItsPanelsDoNotOverlap() throws IOException {
        final JsonNode panels = new ObjectMapper().readTree(DEPLOY.resolve("grafana-dashboard.json").toFile())
            .path("panels");
        final List<String> expressions = new ArrayList<>();
        final Set<String> cells = new HashSet<>();
        for (final JsonNode panel : panels) {
            panel.path("targets").forEach(target -> expressions.add(target.path("expr").asText()));
            final JsonNode place = panel.path("gridPos");
            for (int x = place.path("x").asInt(); x < place.path("x").asInt() + place.path("w").asInt(); x++) {
                for (int y = place.path("y").asInt(); y < place.path("y").asInt() + place.path("h").asInt(); y++) {
                    assertTrue(cells.add(x + "," + y) && x < 24, panel.path("title").asText() + " at " + x + "," + y);
                }
            }
        }
        assertTrue(expressions.size() > 20, expressions.toString());
        assertEquals(Set.of(), unknown(expressions));
    }

    @Test
    void aMetricThatDoesNotExistIsFound() {
        assertEquals(Set.of("chevet_nonsense_total", "reason lost"),
            unknown(List.of("rate(chevet_nonsense_total[5m]) + chevet_drops_total{reason=\"lost\"}")));
    }

    @Test
    void theServiceRestartsButNotAfterAWrongConfigurationAndDrains() throws IOException {
        final String unit = Files.readString(DEPLOY.resolve("chevet.service"));
        for (final String line : List.of("RestartPreventExitStatus=2", "SuccessExitStatus=143", "Restart=on-failure",
            "[Unit]", "[Service]", "[Install]")) {
            assertTrue(unit.lines().anyMatch(line::equals), line);
        }
        final Matcher stop = Pattern.compile("(?m)^TimeoutStopSec=(\\d+)$").matcher(unit);
        assertTrue(stop.find() && Integer.parseInt(stop.group(1)) > 10, "longer than the default drain");
        unit.replace("\\\n", " ").lines().forEach(line -> assertTrue(
            line.isBlank() || line.startsWith("#") || line.startsWith("[") || line.matches("[A-Za-z]+=.*"), line));
    }

    @Test
    void theImageIsBuiltFromWhatTheBuildMakes() throws IOException {
        final String file = Files.readString(DEPLOY.resolve("Dockerfile"));
        final String pom = Files.readString(Path.of("pom.xml"));
        assertTrue(file.contains("/src/ops/target/chevet.jar") && pom.contains("<finalName>chevet</finalName>"));
        assertTrue(file.contains("/src/ops/target/lib") && pom.contains("${project.build.directory}/lib"));
        final Set<String> instructions = Set.of("FROM", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "STOPSIGNAL",
            "ENTRYPOINT", "CMD");
        file.replace("\\\n", " ").lines().filter(line -> !line.isBlank() && !line.startsWith("#")).forEach(line ->
            assertTrue(instructions.contains(line.split(" ", 2)[0]), line));
    }

    /** Names in the expressions that no server has. */
    private static Set<String> unknown(final List<String> expressions) {
        final Set<String> names = new HashSet<>();
        try (Metrics metrics = new Metrics("1", List.of(new LaneStats()))) {
            metrics.refusals("x", () -> 0).ready(() -> true).stalls("0", () -> 0, () -> 0).text().lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> names.add(line.split("[{ ]", 2)[0]));
        }
        final Set<String> reasons = new HashSet<>();
        for (final DropReason reason : DropReason.values()) {
            reasons.add(reason.label());
        }
        final Set<String> unknown = new TreeSet<>();
        for (final String expression : expressions) {
            NAME.matcher(expression).results().map(match -> match.group()).filter(name -> !names.contains(name))
                .forEach(unknown::add);
            REASONS.matcher(expression).results().flatMap(match -> List.of(match.group(1).split("\\|", -1)).stream())
                .filter(reason -> !reasons.contains(reason)).forEach(reason -> unknown.add("reason " + reason));
        }
        return unknown;
    }
}
