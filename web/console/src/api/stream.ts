/** Follows the server's stream of events while a component is on screen. */
import { useDocumentVisibility } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import { type EventFilter, streamUrl } from "./events.ts";
import type { KithEvent, RejectedEvent } from "./types.ts";

export type StreamState = "connecting" | "open" | "lost";

interface Handlers {
  onEvent?: (event: KithEvent) => void;
  onRejected?: (rejected: RejectedEvent) => void;
  /** The connection came back; whatever happened meanwhile was not heard. */
  onReopen?: () => void;
}

export function useEventStream(
  filter: EventFilter,
  handlers: Handlers,
  enabled = true,
): StreamState {
  const [state, setState] = useState<StreamState>("connecting");
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  const url = streamUrl(filter);
  const dropped = useRef(false);
  // A browser keeps six connections a host: tabs out of sight must not hold them all.
  const listening = useDocumentVisibility() !== "hidden" && enabled;

  useEffect(() => {
    if (!listening) return;
    const stream = new EventSource(url);
    stream.onopen = () => {
      setState("open");
      if (dropped.current) latest.current.onReopen?.();
      dropped.current = false;
    };
    stream.onerror = () => {
      dropped.current = true;
      setState("lost");
    };
    stream.addEventListener("event", (message) => {
      latest.current.onEvent?.(JSON.parse(message.data));
    });
    stream.addEventListener("rejected", (message) => {
      latest.current.onRejected?.(JSON.parse(message.data));
    });
    return () => {
      stream.close();
      dropped.current = true;
      setState("connecting");
    };
  }, [url, listening]);

  return state;
}
