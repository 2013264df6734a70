package org.example.core.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.example.core.FakePlayer;
import org.example.server.event.Event;
import org.example.server.event.PlayerJoinEvent;
import org.junit.jupiter.api.Test;

class EventBusTest {
    private record Ping(int number) implements Event {
    }

    private final EventBus bus = new EventBus();
    private final List<String> calls = new ArrayList<>();

    @Test
    void listenersAreCalledInTheOrderInWhichTheySubscribed() {
        bus.subscribe(Ping.class, ping -> calls.add("first " + ping.number()));
        bus.subscribe(Ping.class, ping -> calls.add("second " + ping.number()));
        bus.publish(new Ping(1));
        assertEquals(List.of("first 1", "second 1"), calls);
    }

    @Test
    void eventsOfOtherClassesAreNotHeard() {
        bus.subscribe(PlayerJoinEvent.class, event -> calls.add(event.player().name()));
        bus.publish(new Ping(1));
        bus.publish(new PlayerJoinEvent(new FakePlayer()));
        assertEquals(List.of("Ada"), calls);
    }

    @Test
    void aClosedSubscriptionIsNotCalled() {
        Subscription subscription = bus.subscribe(Ping.class, ping -> calls.add("heard"));
        subscription.close();
        subscription.close();
        bus.publish(new Ping(1));
        assertEquals(List.of(), calls);
    }
}
