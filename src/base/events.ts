/** What happens in a cluster, as one stream that logs, traces, tests and pages read alike. */
import type { Clock, Millis } from './clock.ts';

export type EventValue = string | number | boolean | null;

export interface ClusterEvent {
  readonly at: Millis;
  /** Dotted name, e.g. `job.state`, `task.send`, `edit-log.append`. */
  readonly what: string;
  readonly about: Readonly<Record<string, EventValue>>;
}

export type EventListener = (event: ClusterEvent) => void;

export interface Events {
  /** Whether anybody listens: what is told of each of a million tablets is made only then. */
  readonly isHeard: boolean;
  emit(what: string, about: Readonly<Record<string, EventValue>>): void;
  /** Returns the function that ends the subscription. */
  on(listener: EventListener): () => void;
}

export function createEvents(clock: Clock): Events {
  const listeners = new Set<EventListener>();
  return Object.freeze({
    get isHeard(): boolean {
      return listeners.size > 0;
    },
    emit(what: string, about: Readonly<Record<string, EventValue>>): void {
      if (listeners.size === 0) return;
      const event: ClusterEvent = { at: clock.now(), what, about };
      for (const listener of listeners) listener(event);
    },
    on(listener: EventListener): () => void {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  });
}
