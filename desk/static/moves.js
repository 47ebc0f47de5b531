// What has been moved on the pages of a scan. Pure: numbers in, numbers out; undo without end.

const CLOSEST_MM = 0.5;

// pages: as the server gives them; all lengths in pixels of the shown page, moves in millimetres.
export function openMoves(pages) {
  const by = new Map(), corners = new Map(), past = [];
  const key = (page, at) => `${page}/${at}`;

  function moved(page, at) {
    return by.get(key(page, at)) ?? 0;
  }

  // Edges beside this one in the same direction of the same grid or box, and how near they are.
  function room(page, at) {
    const { edges } = pages[page], own = edges[at];
    const paired = { left: "right", right: "left", top: "bottom", bottom: "top" }[own.edge];
    let low = -Infinity, high = Infinity;
    edges.forEach((other, n) => {
      if (n === at || other.side !== own.side || other.field !== own.field) return;
      const beside = own.field ? other.edge === paired && other.index === own.index
        : other.edge === own.edge && Math.abs(other.index - own.index) === 1;
      if (!beside) return;
      const gap = apart(own, other) + moved(page, n);
      if (gap > 0) high = Math.min(high, gap - CLOSEST_MM);
      else low = Math.max(low, gap + CLOSEST_MM);
    });
    return [low, high];
  }

  // From one line to another along the first one's way, in millimetres, both where they were.
  function apart(own, other) {
    const [ax, ay] = middle(own.line), [bx, by_] = middle(other.line), [x, y] = own.along;
    return ((bx - ax) * x + (by_ - ay) * y) / (x * x + y * y);
  }

  function remember(what) {
    const last = past[past.length - 1];
    if (last?.what === what.what && last.name === what.name && what.name) return;
    past.push(what);
  }

  return {
    moved,
    // Moves an edge to so many millimetres from where it was; gives what it came to.
    to(page, at, mm, step = "") {
      const [low, high] = room(page, at);
      const asked = Math.round(mm * 100) / 100;
      const held = low > high ? moved(page, at) : Math.min(Math.max(asked, low), high);
      remember({ what: key(page, at), name: step, page, at, was: moved(page, at) });
      by.set(key(page, at), held);
      return { mm: held, held: held !== asked };
    },
    cornersOf: (page) => corners.get(page) ?? pages[page].corners,
    cornersMoved: (page) => corners.has(page),
    corner(page, at, point, step = "") {
      const { width, height } = pages[page];
      const old = corners.get(page) ?? null;
      remember({ what: `c${page}/${at}`, name: step, page, corners: old });
      const next = (old ?? pages[page].corners).map((one) => [...one]);
      next[at] = [Math.min(Math.max(point[0], 0), width), Math.min(Math.max(point[1], 0), height)];
      corners.set(page, next);
    },
    undo() {
      const last = past.pop();
      if (!last) return null;
      if (last.at !== undefined) by.set(last.what, last.was);
      else if (last.corners) corners.set(last.page, last.corners);
      else corners.delete(last.page);
      return last;
    },
    // A line where it stands now.
    lineOf(page, at) {
      const { line, along } = pages[page].edges[at], mm = moved(page, at);
      return line.map(([x, y]) => [x + along[0] * mm, y + along[1] * mm]);
    },
    // As the server takes them.
    said() {
      const told = [];
      pages.forEach((page, n) => {
        if (corners.has(n)) told.push({ page: n, corners: corners.get(n) });
        page.edges.forEach((edge, at) => {
          const mm = moved(n, at);
          if (mm === 0) return;
          told.push({
            page: n, side: edge.side, edge: edge.edge, index: edge.index, field: edge.field, by_mm: mm,
          });
        });
      });
      return told;
    },
  };
}

function middle([[ax, ay], [bx, by]]) {
  return [(ax + bx) / 2, (ay + by) / 2];
}

// How far (mm) a pointer has taken an edge: the part of its way that the edge can follow.
export function along(edge, [x, y]) {
  const [ax, ay] = edge.along;
  return (x * ax + y * ay) / (ax * ax + ay * ay);
}
