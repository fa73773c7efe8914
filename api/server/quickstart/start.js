// Shows the answer of the first question on the page itself. Without this file
// the link opens it.
const link = document.querySelector("a.run");
const shown = document.getElementById("answer");

link?.addEventListener("click", async (event) => {
  event.preventDefault();
  shown.hidden = false;
  shown.textContent = "…";
  try {
    const answer = await fetch(link.getAttribute("href"));
    const text = await answer.text();
    const json = /json/.test(answer.headers.get("content-type") ?? "");
    shown.textContent = `HTTP ${answer.status}\n\n${json ? JSON.stringify(JSON.parse(text), null, 2) : text}`;
  } catch (error) {
    shown.textContent = String(error);
  }
  shown.focus();
});
