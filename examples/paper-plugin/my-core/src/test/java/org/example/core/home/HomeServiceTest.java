package org.example.core.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.example.core.FakePlayer;
import org.example.core.ManualScheduler;
import org.example.server.Location;
import org.junit.jupiter.api.Test;

class HomeServiceTest {
    private final ManualScheduler scheduler = new ManualScheduler();
    private final HomeService homes = new HomeService(scheduler);
    private final FakePlayer player = new FakePlayer();

    @Test
    void aHomeIsFoundWhateverTheCaseOfItsName() {
        homes.set(player, "Base");
        assertEquals(player.location(), homes.find(player.id(), "bASE").orElseThrow());
        assertEquals(List.of("base"), homes.names(player.id()));
    }

    @Test
    void settingAHomeAgainMovesIt() {
        homes.set(player, "base");
        player.teleport(new Location("nether", 1, 2, 3));
        homes.set(player, "base");
        assertEquals("nether", homes.find(player.id(), "base").orElseThrow().world());
    }

    @Test
    void teleportingHappensOnTheMainThread() {
        homes.set(player, "base");
        Location elsewhere = new Location("world", 100, 64, 100);
        player.teleport(elsewhere);
        assertTrue(homes.teleport(player, "base"));
        assertEquals(elsewhere, player.location());
        scheduler.tick();
        assertEquals(0, player.location().x());
    }

    @Test
    void thereIsNoWayToAHomeThatWasNotSet() {
        assertFalse(homes.teleport(player, "base"));
    }

    @Test
    void aNameOfSpacesIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> homes.set(player, "  "));
    }
}
