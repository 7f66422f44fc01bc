/** Sends one event the way a site would, to try out a write key. */
import { ApiError, asApiError } from "./problem.ts";

export async function sendTestEvent(writeKey: string): Promise<string> {
  const messageId = `console-${crypto.randomUUID()}`;
  const event = {
    messageId,
    event: "Console Test",
    anonymousId: `console-${crypto.randomUUID()}`,
    properties: { sent_from: "console" },
    timestamp: new Date().toISOString(),
  };
  const response = await fetch(`/v1/track?writeKey=${encodeURIComponent(writeKey)}`, {
    method: "POST",
    body: JSON.stringify(event),
    credentials: "omit",
  }).catch((cause: unknown) => {
    throw asApiError(cause);
  });
  if (!response.ok) {
    const { code = `http-${response.status}`, message = response.statusText } = await response
      .json()
      .catch(() => ({}));
    throw new ApiError({
      type: `/errors/${code}`,
      title: message,
      status: response.status,
      code,
      detail: "",
      errors: [],
    });
  }
  return messageId;
}
