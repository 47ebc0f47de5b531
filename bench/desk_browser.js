// Notes what a person at the page would feel; kept over page loads of one window.
(() => {
  const STORE = "bench";
  const empty = {
    keys: [], clicks: 0, painted: [], saves: [], shown: [], felt: [], loaded: [], pictured: 0,
    pressed: 0, answered: 0, waiting: false,
  };
  const bench = { ...empty, ...JSON.parse(sessionStorage.getItem(STORE) ?? "{}") };
  window.bench = bench;
  addEventListener("pagehide", () => sessionStorage.setItem(STORE, JSON.stringify(bench)));

  const now = () => performance.timeOrigin + performance.now();
  // A task after the frame's own work: the frame has been painted.
  const painted = (done) => requestAnimationFrame(() => setTimeout(done));

  addEventListener("keydown", (event) => {
    if (["Shift", "Control", "Alt"].includes(event.key)) return;
    bench.keys.push(event.key);
    bench.pressed = performance.timeOrigin + event.timeStamp;
    painted(() => bench.painted.push(now() - performance.timeOrigin - event.timeStamp));
  }, true);
  addEventListener("mousedown", () => { bench.clicks += 1; }, true);

  const real = window.fetch;
  window.fetch = async (...asked) => {
    const begun = performance.now();
    const answer = await real(...asked);
    if (String(asked[0]).endsWith("/save")) {
      bench.saves.push(performance.now() - begun);
      bench.answered = now();
      bench.waiting = true;
    }
    return answer;
  };

  addEventListener("DOMContentLoaded", () => {
    const holder = document.getElementById("entry");
    if (!holder) return;
    // The page was loaded as a whole, because the next entry was not there yet.
    if (bench.waiting) {
      const look = () => {
        if (!document.querySelector(".field.now, #save:focus")) return void setTimeout(look, 5);
        painted(() => bench.loaded.push(now() - bench.pressed));
        bench.waiting = false;
        return undefined;
      };
      look();
    }
    new MutationObserver(() => {
      if (!bench.waiting) return;
      bench.waiting = false;
      const { answered, pressed } = bench;
      painted(() => {
        bench.shown.push(now() - answered);
        bench.felt.push(now() - pressed);
        const crop = document.querySelector(".field.now .crop img");
        if (!crop || (crop.complete && crop.naturalWidth > 0)) bench.pictured += 1;
      });
    }).observe(holder, { childList: true });
  });
})();
