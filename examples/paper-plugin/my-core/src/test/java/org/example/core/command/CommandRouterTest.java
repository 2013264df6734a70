package org.example.core.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.example.core.FakePlayer;
import org.example.core.ManualScheduler;
import org.example.core.home.HomeService;
import org.junit.jupiter.api.Test;

class CommandRouterTest {
    private final CommandRouter router = new CommandRouter();
    private final FakePlayer player = new FakePlayer();

    @Test
    void theHandlerGetsTheWordsAfterTheCommand() {
        router.register("say", (who, arguments) -> who.sendMessage(String.join("+", arguments)));
        router.dispatch(player, " SAY  one   two ");
        assertEquals(List.of("one+two"), player.messages());
    }

    @Test
    void anUnknownCommandIsAnswered() {
        router.dispatch(player, "fly now");
        assertEquals(List.of("Unknown command: fly"), player.messages());
    }

    @Test
    void aCommandIsRegisteredOnce() {
        router.register("say", (who, arguments) -> { });
        assertThrows(IllegalArgumentException.class, () -> router.register("Say", (who, arguments) -> { }));
        assertThrows(IllegalArgumentException.class, () -> router.register("two words", (who, arguments) -> { }));
    }

    @Test
    void homesAreSetListedAndMissedByCommand() {
        router.register("home", new HomeCommand(new HomeService(new ManualScheduler())));
        router.dispatch(player, "home set base");
        router.dispatch(player, "home");
        router.dispatch(player, "home castle");
        assertEquals(List.of("Home base is here now.", "Homes: base", "You have no home castle."), player.messages());
    }
}
