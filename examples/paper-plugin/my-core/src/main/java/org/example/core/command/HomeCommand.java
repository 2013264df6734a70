package org.example.core.command;

import java.util.List;
import java.util.Objects;
import org.example.core.home.HomeService;
import org.example.server.Player;

/** {@code home <name>}, {@code home set <name>} and {@code home list}. */
public final class HomeCommand implements CommandHandler {
    private final HomeService homes;

    public HomeCommand(HomeService homes) {
        this.homes = Objects.requireNonNull(homes, "homes");
    }

    @Override
    public void run(Player player, List<String> arguments) {
        String first = arguments.isEmpty() ? "list" : arguments.get(0);
        if (first.equals("list")) {
            player.sendMessage("Homes: " + String.join(", ", homes.names(player.id())));
        } else if (first.equals("set") && arguments.size() == 2) {
            homes.set(player, arguments.get(1));
            player.sendMessage("Home " + arguments.get(1) + " is here now.");
        } else if (!homes.teleport(player, first)) {
            player.sendMessage("You have no home " + first + ".");
        }
    }
}
