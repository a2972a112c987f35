// What the settings of the stage say, as far as pages need it. The document brings it along.

/** `product`; `terms_url` and `terms_version`, empty where nobody agrees to any; what passwords are held to;
 * `read_model`, whether the stage has one; `no_connections`, where the server knew for nothing that there is no provider to come in by; and the ids of
 * `signed_connections`, which the owner has a picture for. */
export const STAGE = JSON.parse(document.getElementById("stage").textContent);
