// The chat's HTTP API.

/** A request that the server rejected, with the server's message. */
export class Refused extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

/** Give up on a connection that hangs: sending a message again does not duplicate it. */
const PATIENCE_MS = 15_000;

async function call(method, path, { body, headers = {} } = {}) {
  const answer = await fetch(path, {
    method,
    headers: body ? { ...headers, "Content-Type": "application/json" } : headers,
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!answer.ok) throw new Refused(answer.status, await answer.text());
  return answer.status === 204 ? null : answer.json();
}

export const users = () => call("GET", "/users");
export const session = () => call("GET", "/session");
export const signIn = (userId) => call("POST", "/session", { body: { user_id: userId } });
export const signOut = () => call("DELETE", "/session");

/** Returns the messages after an ID, or the newest if `after` is null. */
export const messages = (roomId, after) =>
  call("GET", `/rooms/${roomId}/messages${after === null ? "" : `?after=${after}`}`);

/** `socketId` is the page's own connection, which is excluded from the notification. */
export const send = (roomId, clientId, text, socketId) =>
  call("POST", `/rooms/${roomId}/messages`, {
    body: { client_id: clientId, text },
    headers: socketId ? { "X-Socket-ID": socketId } : {},
  });
