package org.example.server;

/** Runs tasks on the server's threads. May be called from any thread. */
public interface Scheduler {
    /** Runs the task with the next tick, on the thread that may touch the world. */
    void runOnMainThread(Runnable task);

    /** Runs the task soon, on a thread that may block and may not touch the world. */
    void runAsync(Runnable task);
}
