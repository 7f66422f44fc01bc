import { localStorageColorSchemeManager } from "@mantine/core";

/** The same key is read by `public/scheme.js` before the first paint. */
export const schemeManager = localStorageColorSchemeManager({ key: "kith.scheme" });
