// A page of figures looks again every minute, but not while somebody types or reads on below.
const MINUTE = 60_000;

function again() {
  const busy = document.activeElement?.matches("input, select, textarea, button");
  if (busy || document.hidden || window.scrollY > 0) setTimeout(again, MINUTE);
  else location.reload();
}

setTimeout(again, MINUTE);
