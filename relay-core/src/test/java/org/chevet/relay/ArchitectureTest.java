package org.chevet.relay;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The layers of the design as a table: a package without a row, or a use outside its row, fails. */
class ArchitectureTest {
    private static final String ROOT = "org.chevet.relay.";
    private static final JavaClasses RELAY = new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("org.chevet.relay");

    /** Package to the packages of this module it may use. Codec, Agrona and the JDK are free to all. */
    private static final Map<String, Set<String>> ALLOWED = Map.ofEntries(
        Map.entry("memory", Set.of()),
        Map.entry("stats", Set.of()),
        Map.entry("ice", Set.of("stats")),
        Map.entry("dtls", Set.of("stats")),
        Map.entry("srtp", Set.of("memory", "stats")),
        Map.entry("sctp", Set.of("memory", "stats")),
        Map.entry("stream", Set.of("memory", "stats")),
        Map.entry("bwe", Set.of("memory", "stats")),
        Map.entry("vitals", Set.of("memory", "stats")),
        Map.entry("session", Set.of("memory", "stats", "ice", "dtls", "srtp", "sctp")),
        Map.entry("consultation", Set.of("stats")),
        Map.entry("token", Set.of("consultation")),
        Map.entry("queue", Set.of("memory", "stats")),
        Map.entry("route", Set.of("memory", "stats", "stream", "queue", "bwe")),
        Map.entry("egress", Set.of("memory", "stats", "stream", "queue", "route")),
        Map.entry("lane", Set.of("memory", "stats", "ice", "dtls", "srtp", "sctp", "stream", "vitals", "session",
            "consultation",
            "route", "queue", "egress", "bwe")),
        Map.entry("net", Set.of("memory", "stats", "lane")),
        Map.entry("signal", Set.of("stats", "consultation", "token", "route", "lane", "bwe")),
        Map.entry("api", Set.of("stats", "consultation", "token", "dtls", "srtp", "vitals", "lane", "net", "signal")),
        Map.entry("client", Set.of("stats", "ice", "dtls", "srtp", "stream")));

    /** A library and the only packages that may use it. */
    private static final Map<String, Set<String>> FENCES = Map.of(
        "io.netty.", Set.of("net", "signal"),
        "org.bouncycastle.", Set.of("dtls"),
        "com.nimbusds.", Set.of("token"),
        "com.fasterxml.jackson.", Set.of("signal", "lane", "client"),
        "org.slf4j.", Set.of("net", "signal", "lane", "dtls", "client", "api"),
        "ca.uhn.", Set.of("client"),
        "org.hl7.", Set.of("client"),
        "org.jctools.", Set.of("lane", "dtls", "net", "queue"));

    @Test
    void packagesUseOnlyWhatTheirRowAllows() {
        final Set<String> faults = new TreeSet<>();
        for (final JavaClass type : RELAY) {
            final String from = packageOf(type);
            if (!ALLOWED.containsKey(from)) {
                faults.add("package without a row: " + from);
                continue;
            }
            for (final Dependency dependency : type.getDirectDependenciesFromSelf()) {
                final JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (target.getPackageName().startsWith(ROOT) && !packageOf(target).equals(from)
                    && !ALLOWED.get(from).contains(packageOf(target))) {
                    faults.add(from + " uses " + packageOf(target) + ": " + dependency.getDescription());
                }
            }
        }
        assertEquals(Set.of(), faults);
    }

    @Test
    void librariesStayBehindTheirFence() {
        final Set<String> faults = new TreeSet<>();
        for (final JavaClass type : RELAY) {
            for (final Dependency dependency : type.getDirectDependenciesFromSelf()) {
                final String target = dependency.getTargetClass().getPackageName() + ".";
                FENCES.forEach((library, users) -> {
                    if (target.startsWith(library) && !users.contains(packageOf(type))) {
                        faults.add(packageOf(type) + " uses " + library + ": " + dependency.getDescription());
                    }
                });
            }
        }
        assertEquals(Set.of(), faults);
    }

    @Test
    void timeRandomAndThreadsComeInAsArguments() {
        final String[] free = List.of("net", "dtls", "signal", "lane", "client", "api").stream()
            .map(name -> ROOT + name + "..").toArray(String[]::new);
        noClasses().that().resideOutsideOfPackages(free).should().callMethod(System.class, "nanoTime")
            .orShould().callMethod(System.class, "currentTimeMillis")
            .orShould().dependOnClassesThat().areAssignableTo(Thread.class)
            .orShould().dependOnClassesThat().areAssignableTo(java.util.concurrent.Executor.class)
            .orShould().dependOnClassesThat().haveFullyQualifiedName("java.security.SecureRandom")
            .orShould().dependOnClassesThat().haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
            .orShould().dependOnClassesThat().haveFullyQualifiedName("java.time.Clock").check(RELAY);
    }

    @Test
    void onlyIntegratorsUseTheExport() {
        final String export = ROOT + "client.export..";
        noClasses().that().resideOutsideOfPackage(export).should().dependOnClassesThat().resideInAPackage(export)
            .orShould().dependOnClassesThat().resideInAnyPackage("ca.uhn..", "org.hl7..").check(RELAY);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(ROOT + "(*)..").should().beFreeOfCycles().check(RELAY);
    }

    @Test
    void everyRowHasItsPackage() {
        final Map<String, Integer> sizes = new TreeMap<>();
        RELAY.forEach(type -> sizes.merge(packageOf(type), 1, Integer::sum));
        assertEquals(new TreeSet<>(ALLOWED.keySet()), sizes.keySet());
    }

    private static String packageOf(final JavaClass type) {
        final String name = type.getPackageName();
        final String rest = name.length() < ROOT.length() ? name : name.substring(ROOT.length());
        final int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }
}
