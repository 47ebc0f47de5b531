// Requests that expect trouble: no network, a restarting server, an expired session.

export class Gone extends Error {}

// {status, data}; throws Gone where no server answered, or whoever gave `stop` gave up waiting.
export async function ask(method, url, body, { seconds = 15, keepalive = false, stop = new AbortController() } = {}) {
  const timer = setTimeout(() => stop.abort(), seconds * 1000);
  try {
    const answer = await fetch(url, {
      method,
      headers: body === undefined ? { Accept: "application/json" } : {
        "Content-Type": "application/json", Accept: "application/json",
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      redirect: "follow",
      signal: stop.signal,
      keepalive,
    });
    if (answer.redirected && new URL(answer.url).pathname.startsWith("/login")) {
      return { status: 401, data: null };
    }
    const kind = answer.headers.get("Content-Type") ?? "";
    const data = kind.includes("json") ? await answer.json() : await answer.text();
    return { status: answer.status, data };
  } catch (error) {
    throw new Gone(String(error));
  } finally {
    clearTimeout(timer);
  }
}

// Asks again until a server answers; tells about each failure; given up when stopped() says so.
export async function insist(request, { failed = () => {}, stopped = () => false } = {}) {
  for (let wait = 500; ; wait = Math.min(4000, wait * 2)) {
    try {
      const answer = await request();
      if (answer.status < 502) return answer;
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
    }
    if (stopped()) return null;
    failed();
    await new Promise((done) => setTimeout(done, wait));
    if (stopped()) return null;
  }
}
