/** Where the page begins. */
import { render } from "preact";
import { App } from "./app.tsx";
import { readSettings } from "./edge.ts";

readSettings();
render(<App />, document.body);
