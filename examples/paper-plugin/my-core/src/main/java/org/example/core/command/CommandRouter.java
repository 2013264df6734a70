package org.example.core.command;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.example.server.Player;

/** Finds the handler of a command line. Main thread only. */
public final class CommandRouter {
    private final Map<String, CommandHandler> handlers = new TreeMap<>();

    public void register(String name, CommandHandler handler) {
        if (name.isBlank() || name.contains(" ")) {
            throw new IllegalArgumentException("not the name of a command: \"" + name + "\"");
        }
        if (handlers.putIfAbsent(name.toLowerCase(Locale.ROOT), handler) != null) {
            throw new IllegalArgumentException("there is a command " + name + " already");
        }
    }

    /** Gives the words after the first one to the handler of the first one. */
    public void dispatch(Player player, String line) {
        List<String> words = List.of(line.strip().split("\\s+"));
        CommandHandler handler = handlers.get(words.get(0).toLowerCase(Locale.ROOT));
        if (handler == null) {
            player.sendMessage("Unknown command: " + words.get(0));
            return;
        }
        handler.run(player, words.subList(1, words.size()));
    }
}
