// What the settings of the stage say, as far as pages need it. The document brings it along.

/** `product`; `terms_url` and `terms_version`, empty where nobody agrees to any; and what passwords are held to. */
export const STAGE = JSON.parse(document.getElementById("stage").textContent);
