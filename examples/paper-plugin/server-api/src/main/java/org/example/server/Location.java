package org.example.server;

import java.util.Objects;

/** A place in a world. */
public record Location(String world, double x, double y, double z) {
    public Location {
        Objects.requireNonNull(world, "world");
    }
}
