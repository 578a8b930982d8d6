// The page works without this: it shows the password on request and warns of Caps Lock.
const password = document.getElementById("password");
const reveal = document.getElementById("reveal");
const capitals = document.getElementById("capitals");
const form = document.getElementById("sign-in");

reveal.hidden = false;
reveal.addEventListener("click", () => {
  const shown = password.type === "text";
  password.type = shown ? "password" : "text";
  reveal.setAttribute("aria-pressed", String(!shown));
  password.focus();
});

for (const kind of ["keydown", "keyup"]) {
  password.addEventListener(kind, (event) => {
    capitals.hidden = !event.getModifierState?.("CapsLock");
  });
}

form.addEventListener("submit", () => {
  password.type = "password";
  form.querySelector(".go").disabled = true;
});
// Coming back by the browser's history must not find the button dead.
window.addEventListener("pageshow", () => {
  form.querySelector(".go").disabled = false;
});
