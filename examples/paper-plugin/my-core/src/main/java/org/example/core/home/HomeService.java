package org.example.core.home;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.example.server.Location;
import org.example.server.Player;
import org.example.server.Scheduler;

/** Named places of players. May be called from any thread. */
public final class HomeService {
    private final Scheduler scheduler;
    private final Map<UUID, Map<String, Location>> homes = new ConcurrentHashMap<>();

    public HomeService(Scheduler scheduler) {
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
    }

    /** Names the player's current place; a home of the same name moves. */
    public void set(Player player, String name) {
        Location place = player.location();
        homes.compute(player.id(), (id, old) -> {
            Map<String, Location> changed = old == null ? new TreeMap<>() : new TreeMap<>(old);
            changed.put(key(name), place);
            return changed;
        });
    }

    public Optional<Location> find(UUID player, String name) {
        return Optional.ofNullable(homes.getOrDefault(player, Map.of()).get(key(name)));
    }

    /** The names of a player's homes, sorted. */
    public List<String> names(UUID player) {
        return List.copyOf(homes.getOrDefault(player, Map.of()).keySet());
    }

    /** Moves the player to a home with the next tick; false if there is none of that name. */
    public boolean teleport(Player player, String name) {
        Optional<Location> place = find(player.id(), name);
        place.ifPresent(location -> scheduler.runOnMainThread(() -> player.teleport(location)));
        return place.isPresent();
    }

    private static String key(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a home needs a name");
        }
        return name.strip().toLowerCase(Locale.ROOT);
    }
}
