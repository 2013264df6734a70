package org.example.server.event;

import org.example.server.Player;

public record PlayerJoinEvent(Player player) implements Event {
}
