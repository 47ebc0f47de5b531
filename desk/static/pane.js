// The page beside the fields: flies to the field at hand, a ruler on its row, headings in sight.

const ZOOM = 1.35, STEP = 0.18, PIXELS_A_MM = 5;

export function openPane(frame, { texts = {} } = {}) {
  const OpenSeadragon = window.OpenSeadragon;
  const stage = frame.querySelector(".pane-stage");
  const head = frame.querySelector(".pane-head");
  const headPicture = head.querySelector("img");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  // OpenSeadragon would put a style of its own into the page, which the page's policy refuses;
  // it does not where it finds one there. Ours is no style for browsers: of another namespace.
  const marker = document.createElementNS("urn:hotich", "style");
  marker.setAttribute("data-openseadragon-mobile-css", "true");
  document.head.append(marker);
  const viewer = OpenSeadragon({
    element: stage, drawer: "canvas", showNavigationControl: false, showNavigator: false,
    animationTime: calm ? 0 : 0.25, springStiffness: 12, visibilityRatio: 0.4, minZoomImageRatio: 0.5,
    maxZoomPixelRatio: 3, gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    keyboardNavEnabled: false, silenceMultiImageWarnings: true, placeholderFillStyle: "#e9e7e1",
    imageLoaderLimit: 4, tabIndex: -1, timeout: 20000, immediateRender: true,
  });
  viewer.innerTracker.keyDownHandler = null;
  viewer.innerTracker.keyHandler = null;
  const box = mark("pane-field"), ruler = mark("pane-ruler");
  let pages = [], shown = null, target = null, whole = false, contrast = 0;

  function mark(name) {
    const element = document.createElement("div");
    element.className = name;
    element.setAttribute("aria-hidden", "true");
    return element;
  }

  function source(page) {
    return {
      width: page.width, height: page.height, tileSize: page.tile, tileOverlap: 0,
      minLevel: page.first, maxLevel: page.top,
      getTileUrl: (level, x, y) => `${page.tiles}/${level}/${x}_${y}`,
    };
  }

  function showPage(index) {
    const page = pages[index];
    if (!page || shown?.tiles === page.tiles) return false;
    shown = page;
    headPicture.removeAttribute("src");
    head.hidden = !page.head;
    if (page.head) headPicture.src = page.head.src;
    viewer.clearOverlays();
    viewer.open(source(page));
    return true;
  }

  function rectOf({ x, y, w, h }) {
    return new OpenSeadragon.Rect(x / shown.width, y / shown.width, w / shown.width, h / shown.width);
  }

  // Keeps a view of a length on the page, where the page is longer.
  function within(from, length, whole) {
    return Math.min(Math.max(from, -0.02 * whole), Math.max(-0.02 * whole, whole * 1.02 - length));
  }

  // Where the view goes for a field, in pixels of the page.
  function viewOf(page, rect) {
    const wide = stage.clientWidth || 640, high = stage.clientHeight || 700, ratio = wide / high;
    // Writing as large as on a good desk, with the lines before and after in sight.
    const near = (wide / PIXELS_A_MM) * (page.dpi / 25.4);
    const w = Math.min(page.width * 1.04, Math.max(rect.w * (page.head ? 1.15 : 1.4), rect.h * 2.2 * ratio, near));
    // On a form the label stands left of the writing: it is to be seen too.
    const left = rect.x - (w - rect.w) * (page.head ? 0.5 : 0.72), h = w / ratio;
    return {
      x: within(left, w, page.width), y: within(rect.y + rect.h / 2 - h * 0.45, h, page.height), w, h,
    };
  }

  // Addresses of the tiles that a look at a field will need: loaded before they are asked for.
  function tilesFor(page, rect) {
    const { x, y, w, h } = viewOf(page, rect);
    const density = (stage.clientWidth || 640) / w;
    const level = Math.max(page.first, Math.min(page.top, page.top + Math.ceil(Math.log2(density) - 0.25)));
    const size = page.tile * 2 ** (page.top - level), found = [];
    const across = Math.ceil(page.width / size), down = Math.ceil(page.height / size);
    for (let j = Math.max(0, Math.floor(y / size)); j < Math.min(down, Math.ceil((y + h) / size)); j += 1) {
      for (let i = Math.max(0, Math.floor(x / size)); i < Math.min(across, Math.ceil((x + w) / size)); i += 1) {
        found.push(`${page.tiles}/${level}/${i}_${j}`);
      }
    }
    return found;
  }

  function place() {
    if (!shown || !target || viewer.world.getItemCount() === 0) return;
    viewer.clearOverlays();
    viewer.addOverlay({ element: ruler, location: rectOf({ x: 0, y: target.y, w: shown.width, h: target.h }) });
    viewer.addOverlay({ element: box, location: rectOf(target) });
  }

  function fly(now = false) {
    if (!shown || viewer.world.getItemCount() === 0) return;
    if (whole || !target) {
      viewer.viewport.goHome(now);
      return;
    }
    viewer.viewport.fitBounds(rectOf(viewOf(shown, target)), now);
  }

  function follow() {
    if (!shown?.head || head.hidden || viewer.world.getItemCount() === 0) return;
    const bounds = viewer.viewport.getBounds(true);
    const scale = viewer.viewport.getContainerSize().x / bounds.width;
    headPicture.style.width = `${scale}px`;
    headPicture.style.transform = `translateX(${-bounds.x * scale}px)`;
    head.style.height = `${Math.min((shown.head.h / shown.width) * scale, frame.clientHeight * 0.36)}px`;
  }

  viewer.addHandler("open", () => { place(); fly(true); follow(); });
  viewer.addHandler("update-viewport", follow);
  viewer.addHandler("resize", () => { fly(true); follow(); });
  viewer.addHandler("tile-load-failed", () => frame.classList.add("stale"));
  viewer.addHandler("tile-loaded", () => frame.classList.remove("stale"));

  const moves = {
    zoomIn: () => viewer.viewport.zoomBy(ZOOM), zoomOut: () => viewer.viewport.zoomBy(1 / ZOOM),
    left: () => pan(-1, 0), right: () => pan(1, 0), up: () => pan(0, -1), down: () => pan(0, 1),
    rotate: () => viewer.viewport.setRotation((viewer.viewport.getRotation() + 90) % 360),
    contrast() {
      contrast = (contrast + 1) % 3;
      stage.dataset.contrast = String(contrast);
    },
    wholePage() {
      whole = !whole;
      fly();
    },
  };

  function pan(x, y) {
    const { width, height } = viewer.viewport.getBounds();
    viewer.viewport.panBy(new OpenSeadragon.Point(x * width * STEP, y * height * STEP));
    viewer.viewport.applyConstraints();
  }

  const KEYS = {
    ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", "+": "zoomIn", "=": "zoomIn",
    "-": "zoomOut", PageUp: "zoomIn", PageDown: "zoomOut", r: "rotate", c: "contrast", 0: "wholePage",
  };
  frame.addEventListener("keydown", (event) => {
    const name = KEYS[event.key];
    if (!name || event.ctrlKey || event.altKey || event.target.closest("button")) return;
    event.preventDefault();
    event.stopPropagation();
    moves[name]();
  });
  for (const button of frame.querySelectorAll("[data-move]")) {
    button.addEventListener("click", () => moves[button.dataset.move]());
  }

  return {
    viewer,
    moves,
    tilesFor,
    load(next) {
      pages = next;
      shown = pages.find((page) => page.tiles === shown?.tiles) ?? null;
    },
    look(page, rect) {
      target = rect;
      whole = false;
      if (showPage(page)) return;
      place();
      fly();
    },
    focus: () => stage.querySelector("[tabindex]")?.focus() ?? frame.focus(),
    label: texts.page,
  };
}
