/** Where the page begins. */
import { render } from "preact";
import { App } from "./app.tsx";
import { readSettings } from "./edge.ts";
import { begin } from "./sign-in/begin.ts";
import { followViewport } from "./viewport.ts";

readSettings();
followViewport();
begin();
render(<App />, document.body);
