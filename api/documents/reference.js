// Sends the requests that a reader of the reference tries, and shows their responses.

const token = document.getElementById("token");

function request(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = token.value ? { Authorization: `Bearer ${token.value}` } : {};
  for (const field of form.querySelectorAll("input")) {
    if (field.dataset.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
    else if (field.value && field.dataset.in === "query") query.set(field.name, field.value);
    else if (field.value) headers[field.name] = field.value;
  }
  const body = form.elements.body;
  if (body) headers["Content-Type"] = body.dataset.type;
  return fetch(path + (query.size ? `?${query}` : ""), {
    method: form.dataset.method,
    headers,
    body: body?.value,
  });
}

async function read(response) {
  const text = await response.text();
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const output = event.target.querySelector("output");
  const shown = document.createElement("pre");
  shown.tabIndex = 0;
  try {
    const response = await request(event.target);
    shown.textContent = `${response.status} ${response.statusText}\n${await read(response)}`;
  } catch (error) {
    shown.textContent = `No response: ${error.message}`;
  }
  output.replaceChildren(shown);
});
