package org.chevet.codec;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Keeps codec what the design says it is: bytes to fields with Agrona and the JDK, nothing else. */
class ArchitectureTest {
    private static final JavaClasses CODEC = new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("org.chevet.codec");

    @Test
    void codecNeedsOnlyAgronaAndTheJdk() {
        classes().should().onlyDependOnClassesThat()
            .resideInAnyPackage("org.chevet.codec..", "org.agrona..", "java..", "javax.crypto..",
                "org.jspecify..").check(CODEC);
    }

    @Test
    void codecHasNoThreadClockSocketOrRandom() {
        noClasses().should().dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent..", "java.net..", "java.nio.channels..", "java.time..",
                "java.util.random..")
            .orShould().callMethod(System.class, "nanoTime").orShould().callMethod(System.class, "currentTimeMillis")
            .orShould().dependOnClassesThat().areAssignableTo(Thread.class)
            .orShould().dependOnClassesThat().areAssignableTo(java.util.Random.class).check(CODEC);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.chevet.codec.(*)..").should().beFreeOfCycles().check(CODEC);
    }
}
