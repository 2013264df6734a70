package org.example.server;

/** The running server. */
public interface Server {
    Scheduler scheduler();
}
