package org.example.core.event;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.example.server.event.Event;

/** Hands events to those who subscribed to their class. Main thread only. */
public final class EventBus {
    private final Map<Class<? extends Event>, List<Consumer<? super Event>>> listeners = new HashMap<>();

    /** Calls {@code listener} for each event of exactly this class until the subscription is closed. */
    public <E extends Event> Subscription subscribe(Class<E> type, Consumer<? super E> listener) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(listener, "listener");
        Consumer<? super Event> entry = event -> listener.accept(type.cast(event));
        listeners.computeIfAbsent(type, key -> new ArrayList<>()).add(entry);
        return () -> listeners.get(type).remove(entry);
    }

    /** Calls the listeners of the event's class, in the order in which they subscribed. */
    public void publish(Event event) {
        for (Consumer<? super Event> listener : listeners.getOrDefault(event.getClass(), List.of())) {
            listener.accept(event);
        }
    }
}
