// For browsers that are too old for the wall's modules, in words that every browser knows: a sentence in place of a blank page.
(function () {
  function tell() {
    if (document.documentElement.hasAttribute("data-started")) return;
    document.getElementById("old").removeAttribute("hidden");
    document.body.setAttribute("data-view", "old");
  }
  // Modules that a browser knows have begun by then, unless one of them holds what it does not know.
  window.addEventListener("load", function () { setTimeout(tell, 2000); });
})();
