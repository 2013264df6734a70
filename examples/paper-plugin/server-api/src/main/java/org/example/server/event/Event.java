package org.example.server.event;

/** Something that happened. Implementations are immutable. */
public interface Event {
}
