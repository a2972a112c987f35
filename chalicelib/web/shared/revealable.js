// Fields for passwords: one can look at what one types.
import { words } from "./words.js";

/** Give each field for a password below `root` a button that shows what is in it. It hides again when it is sent. */
export function revealable(root) {
  for (const field of root.querySelectorAll('input[type="password"]')) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "reveal";
    button.textContent = words("password.show");
    button.ariaLabel = words("password.show-password");
    const frame = document.createElement("span");
    frame.className = "revealed";
    field.replaceWith(frame);
    frame.append(field, button);
    const show = (shown) => {
      field.type = shown ? "text" : "password";
      button.ariaPressed = String(shown);
    };
    show(false);
    button.addEventListener("click", () => show(field.type === "password"));
    field.form?.addEventListener("submit", () => show(false));
  }
}
