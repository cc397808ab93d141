package org.chevet.ops;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Packages of the server as a table: a package without a row, or a use outside its row, fails. */
class ArchitectureTest {
    private static final String ROOT = "org.chevet.ops.";
    private static final String RELAY = "org.chevet.relay.";
    private static final JavaClasses OPS = new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("org.chevet.ops");

    /** Package to the packages of this module, and of the relay, that it may use. */
    private static final Map<String, Set<String>> ALLOWED = Map.of(
        "start", Set.of(),
        "config", Set.of("relay.api", "relay.consultation"),
        "admin", Set.of("relay.signal"),
        "console", Set.of("relay.signal"),
        "demo", Set.of("relay.client"),
        "metrics", Set.of("relay.stats", "relay.signal"),
        "main", Set.of("config", "metrics", "admin", "console", "demo", "relay.api", "relay.consultation", "relay.lane",
            "relay.signal", "relay.srtp", "relay.stats", "relay.token"));

    @Test
    void packagesUseOnlyWhatTheirRowAllows() {
        final Set<String> faults = new TreeSet<>();
        for (final JavaClass type : OPS) {
            final String from = packageOf(type.getPackageName(), ROOT);
            if (!ALLOWED.containsKey(from)) {
                faults.add("package without a row: " + from);
                continue;
            }
            for (final Dependency dependency : type.getDirectDependenciesFromSelf()) {
                final String target = dependency.getTargetClass().getBaseComponentType().getPackageName();
                final String name = target.startsWith(ROOT) ? packageOf(target, ROOT)
                    : target.startsWith(RELAY) ? "relay." + packageOf(target, RELAY) : from;
                if (!name.equals(from) && !ALLOWED.get(from).contains(name)) {
                    faults.add(from + " uses " + name + ": " + dependency.getDescription());
                }
            }
        }
        assertEquals(Set.of(), faults);
    }

    @Test
    void micrometerStaysInMetrics() {
        noClasses().that().resideOutsideOfPackage(ROOT + "metrics..").should()
            .dependOnClassesThat().resideInAnyPackage("io.micrometer..", "io.prometheus..").check(OPS);
    }

    @Test
    void onlyConfigReadsFilesAndTheEnvironment() {
        noClasses().that().resideOutsideOfPackage(ROOT + "config..").should()
            .callMethod(System.class, "getenv").orShould().callMethod(System.class, "getenv", String.class)
            .orShould().dependOnClassesThat().haveFullyQualifiedName("java.nio.file.Files")
            .orShould().dependOnClassesThat().haveFullyQualifiedName("java.io.FileInputStream").check(OPS);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(ROOT + "(*)..").should().beFreeOfCycles().check(OPS);
    }

    private static String packageOf(final String name, final String root) {
        final String rest = name.length() < root.length() ? name : name.substring(root.length());
        final int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }
}
