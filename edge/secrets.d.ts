/** Variables that stand in no file of the repository: `wrangler secret put <name>`, or `.dev.vars` for development. */
interface Env {
  /** What the TURN server was started with (coturn: `static-auth-secret`). */
  TURN_SERVER_SECRET?: string;
  /** The password of `TURN_SERVER_USERNAME`. */
  TURN_SERVER_CREDENTIAL?: string;
  /** What opens /admin and /metrics, at least 16 characters; without it there are none. */
  ADMIN_TOKEN?: string;
}
