/** Waiting for what another process does: one condition, one deadline, the last failure told. */

const POLL_MS = 40;

/**
 * Answers the first truthy result of `probe`. A probe that throws has not succeeded yet; when the
 * deadline passes, what it threw last is the cause.
 */
export async function eventually(what, probe, { within = 10_000 } = {}) {
  const deadline = Date.now() + within;
  for (;;) {
    let cause;
    try {
      const result = await probe();
      if (result) return result;
    } catch (failure) {
      cause = failure;
    }
    if (Date.now() >= deadline) {
      throw new Error(`${what}: not within ${within} ms${cause ? ` (${cause.message})` : ""}`, {
        cause,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
