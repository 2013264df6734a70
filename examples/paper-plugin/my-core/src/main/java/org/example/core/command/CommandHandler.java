package org.example.core.command;

import java.util.List;
import org.example.server.Player;

/** What a command does. Called on the main thread. */
@FunctionalInterface
public interface CommandHandler {
    void run(Player player, List<String> arguments);
}
