package org.example.server;

import java.util.UUID;

/** Somebody who is online. */
public interface Player {
    UUID id();

    String name();

    Location location();

    /** Main thread only. */
    void teleport(Location location);

    /** May be called from any thread. */
    void sendMessage(String message);
}
