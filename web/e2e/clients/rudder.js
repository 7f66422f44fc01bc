/** A page with @rudderstack/analytics-js, the build that is whole in itself. */
import { RudderAnalytics } from "@rudderstack/analytics-js/bundled";

window.start = ({ writeKey, url, options = {} }) => {
  window.analytics = new RudderAnalytics();
  return new Promise((resolve) => {
    window.analytics.load(writeKey, url, {
      configUrl: url,
      ...options,
      onLoaded: () => resolve(true),
    });
  });
};
