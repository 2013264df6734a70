package org.example.server;

/** What the server starts and stops. Both methods are called on the main thread. */
public interface Plugin {
    void onEnable(Server server);

    void onDisable();
}
