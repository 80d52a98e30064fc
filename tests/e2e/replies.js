// What crosses to the test is JSON, while pusher-js speaks in class instances, DOM events and
// errors nested one in the other.

export class Refusal extends Error {
  constructor(type, message, { status, code } = {}) {
    super(message);
    this.type = type;
    this.status = status;
    this.code = code;
  }
}

export async function reply(id, outcome) {
  try {
    return { id, ok: (await outcome) ?? null };
  } catch (error) {
    return { id, error: describeRefusal(error) };
  }
}

function describeRefusal(error) {
  const described = {
    type: error?.type ?? error?.name ?? "Error",
    error: String(error?.message ?? error),
  };
  if (error?.status !== undefined) described.status = error.status;
  if (error?.code !== undefined) described.code = error.code;
  return described;
}

export function describeMembers({ members, me }) {
  return { members: { ...members }, me: me ?? null };
}

export function describeError(error) {
  const innermost = error?.error?.data ?? error?.data ?? error?.error ?? error;
  return {
    type: error?.type ?? "Error",
    error: innermost?.message ?? null,
    code: innermost?.code ?? null,
  };
}
