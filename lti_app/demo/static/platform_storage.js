// The LMS's own storage for tools whose cookies are blocked: 1EdTech « LTI Client Side postMessages »
// and « LTI postMessage Storage ». Each origin has its own values; they live as long as this page.
const script = document.currentScript;
const origins = new Set(script.dataset.origins.split(" "));
const values = new Map();
const MOST_KEYS = 500;
const LONGEST = 4096;
const SUBJECTS = ["lti.capabilities", "lti.put_data", "lti.get_data"];

class Refusal extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

function ofOrigin(origin) {
  if (!values.has(origin)) {
    values.set(origin, new Map());
  }
  return values.get(origin);
}

function checked(asked) {
  if (typeof asked.key !== "string" || asked.key === "") {
    throw new Refusal("bad_request", "key must be a non-empty string");
  }
  return asked.key;
}

function put(asked, origin) {
  const [key, stored] = [checked(asked), ofOrigin(origin)];
  if (asked.value === null) {
    stored.delete(key);
    return { key, value: null };
  }
  if (typeof asked.value !== "string") {
    throw new Refusal("bad_request", "value must be a string, or null to remove the key");
  }
  if (asked.value.length > LONGEST || (!stored.has(key) && stored.size >= MOST_KEYS)) {
    throw new Refusal("storage_exhaustion", "too many keys, or too long a value");
  }
  stored.set(key, asked.value);
  return { key, value: asked.value };
}

function answer(asked, origin) {
  if (asked.subject === "lti.capabilities") {
    const frame = "_parent";
    return {
      supported_messages: SUBJECTS.map((subject) =>
        subject === "lti.capabilities" ? { subject } : { subject, frame },
      ),
    };
  }
  if (!SUBJECTS.includes(asked.subject)) {
    throw new Refusal("unsupported_subject", "this subject is not supported");
  }
  if (!origins.has(origin)) {
    throw new Refusal("wrong_origin", "this origin is not that of a configured tool");
  }
  if (typeof asked.message_id !== "string" || asked.message_id === "") {
    throw new Refusal("bad_request", "message_id is missing");
  }
  if (asked.subject === "lti.put_data") {
    return put(asked, origin);
  }
  const key = checked(asked);
  return { key, value: ofOrigin(origin).get(key) ?? null };
}

window.addEventListener("message", (event) => {
  const asked = event.data;
  const isOurs = asked !== null && typeof asked === "object" && typeof asked.subject === "string";
  if (!isOurs || !asked.subject.startsWith("lti.") || asked.subject.endsWith(".response")) {
    return;
  }
  const reply = { subject: `${asked.subject}.response`, message_id: asked.message_id };
  try {
    Object.assign(reply, answer(asked, event.origin));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) {
      throw refusal;
    }
    reply.error = { code: refusal.code, message: refusal.message };
  }
  // Never « * »: what is stored for one origin is told to that origin only.
  event.source.postMessage(reply, event.origin);
});
