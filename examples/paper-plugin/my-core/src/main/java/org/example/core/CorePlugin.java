package org.example.core;

import org.example.core.command.CommandRouter;
import org.example.core.command.HomeCommand;
import org.example.core.event.EventBus;
import org.example.core.event.Subscription;
import org.example.core.home.HomeService;
import org.example.server.Plugin;
import org.example.server.Server;
import org.example.server.event.PlayerJoinEvent;

/** Wires the parts together. */
public final class CorePlugin implements Plugin {
    private final EventBus events = new EventBus();
    private final CommandRouter commands = new CommandRouter();
    private Subscription greeting = () -> { };

    @Override
    public void onEnable(Server server) {
        commands.register("home", new HomeCommand(new HomeService(server.scheduler())));
        greeting = events.subscribe(PlayerJoinEvent.class, event -> event.player().sendMessage("Welcome, " + event.player().name() + "!"));
    }

    @Override
    public void onDisable() {
        greeting.close();
    }

    public EventBus events() {
        return events;
    }

    public CommandRouter commands() {
        return commands;
    }
}
