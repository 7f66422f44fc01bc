/** A page with @jitsu/js. */
import { jitsuAnalytics } from "@jitsu/js";

window.start = ({ writeKey, url }) => {
  window.analytics = jitsuAnalytics({ writeKey, host: url });
  return true;
};
