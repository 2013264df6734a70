package org.example.core;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.example.server.Location;
import org.example.server.Player;

/** A player who stands where the test puts them and remembers what they were told. */
public final class FakePlayer implements Player {
    private final UUID id = UUID.randomUUID();
    private final List<String> messages = new ArrayList<>();
    private Location location = new Location("world", 0, 64, 0);

    @Override
    public UUID id() {
        return id;
    }

    @Override
    public String name() {
        return "Ada";
    }

    @Override
    public Location location() {
        return location;
    }

    @Override
    public void teleport(Location to) {
        location = to;
    }

    @Override
    public void sendMessage(String message) {
        messages.add(message);
    }

    public List<String> messages() {
        return List.copyOf(messages);
    }
}
