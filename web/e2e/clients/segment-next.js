/** A page with @segment/analytics-next, as its documentation installs it from npm. */
import { AnalyticsBrowser } from "@segment/analytics-next";

window.start = ({ writeKey, url, batching }) => {
  const strategy = batching
    ? { strategy: "batching", config: { size: 50, timeout: 500 } }
    : undefined;
  window.analytics = AnalyticsBrowser.load(
    { writeKey, cdnURL: url },
    strategy && { integrations: { "Segment.io": { deliveryStrategy: strategy } } },
  );
  return window.analytics.then(() => true);
};
