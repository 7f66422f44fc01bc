// Runs before first paint, so that a dark console never flashes white. A file of its own because
// the content security policy allows no inline script.
(function () {
  var stored = null;
  try {
    stored = localStorage.getItem("kith.scheme");
  } catch (_) {
    // Storage may be blocked; the system's preference then decides.
  }
  var dark =
    stored === "dark" ||
    (stored !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
