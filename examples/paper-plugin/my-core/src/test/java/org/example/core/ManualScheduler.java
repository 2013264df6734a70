package org.example.core;

import java.util.ArrayDeque;
import java.util.Queue;
import org.example.server.Scheduler;

/** Runs tasks when the test says so. */
public final class ManualScheduler implements Scheduler {
    private final Queue<Runnable> main = new ArrayDeque<>();
    private final Queue<Runnable> async = new ArrayDeque<>();

    @Override
    public void runOnMainThread(Runnable task) {
        main.add(task);
    }

    @Override
    public void runAsync(Runnable task) {
        async.add(task);
    }

    /** Runs what waits for the main thread. */
    public void tick() {
        drain(main);
    }

    /** Runs what waits for other threads. */
    public void runAsyncTasks() {
        drain(async);
    }

    private static void drain(Queue<Runnable> tasks) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }
}
