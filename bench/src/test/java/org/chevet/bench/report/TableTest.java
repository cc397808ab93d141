package org.chevet.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void columnsAreAligned() {
        final Table table = new Table("server", "us").row("chevet", "1.5").row("bare", "123");
        assertEquals("server   us\nchevet  1.5\nbare    123\n", table.text());
        assertEquals("| server | us |\n|---|--:|\n| chevet | 1.5 |\n| bare | 123 |\n", table.markdown());
    }

    @Test
    void aRowHasACellPerTitle() {
        assertThrows(IllegalArgumentException.class, () -> new Table("a", "b").row("1"));
    }

    @Test
    void numbersShowWhatMatters() {
        assertEquals("0.123", Table.number(0.1234));
        assertEquals("4.57", Table.number(4.567));
        assertEquals("45.7", Table.number(45.67));
        assertEquals("4567", Table.number(4567.4));
        assertEquals("0", Table.number(0));
        assertEquals("-", Table.number(Double.NaN));
        assertEquals("0.05 %", Table.percent(0.0005));
        assertEquals("0.0050 %", Table.percent(0.00005));
        assertEquals("87 %", Table.percent(0.87));
        assertEquals("0 %", Table.percent(0));
    }
}
