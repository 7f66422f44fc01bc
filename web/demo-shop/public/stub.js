/*
 * Loads Kith's tag: the standard stub, then /tag/{write_key}.js. The server writes the key into
 * the page's meta element; an untouched placeholder means that the shop runs without Kith.
 */
(function () {
  var root = document.documentElement;
  root.classList.add('js');
  var meta = document.querySelector('meta[name="kith-write-key"]');
  var key = meta ? meta.content.trim() : '';
  if (!/^[A-Za-z0-9]+$/.test(key)) {
    root.dataset.kith = 'off';
    return;
  }
  root.dataset.kith = 'loading';
  window.kith =
    window.kith ||
    function () {
      (kith.q = kith.q || []).push(arguments);
    };

  // Until the tag runs it cannot hide its own slots; the style sheet does so for it, but not long.
  var WAIT_MS = 800;
  root.classList.add('kith-wait');
  setTimeout(settle, WAIT_MS);
  function settle() {
    root.classList.remove('kith-wait');
  }
  function become(state) {
    settle();
    root.dataset.kith = state;
    root.dispatchEvent(new Event('kith-' + state));
  }

  var script = document.createElement('script');
  script.async = true;
  script.src = '/tag/' + key + '.js';
  script.onload = function () {
    become('ready');
  };
  script.onerror = function () {
    become('failed');
  };
  document.head.appendChild(script);
})();
