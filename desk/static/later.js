// What lies below the screen waits in templates: the first picture comes without it.

function show() {
  for (const one of document.querySelectorAll("template.later")) one.replaceWith(one.content);
}

requestAnimationFrame(() => setTimeout(show));
