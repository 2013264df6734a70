package org.example.core.event;

/** Closing it ends the calls; closing it twice does nothing more. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    @Override
    void close();
}
