/** What browsers tell each other to connect (W3C WebRTC), as far as it goes through the server. */
import * as v from "valibot";

/** RTCSessionDescriptionInit (section 4.9.1). */
export const Description = v.strictObject({
  type: v.picklist(["offer", "answer", "pranswer", "rollback"]),
  sdp: v.optional(v.pipe(v.string(), v.maxLength(60_000))),
});

/** RTCIceCandidateInit (section 4.8.1). An empty `candidate` means the end of candidates. */
export const Candidate = v.strictObject({
  candidate: v.optional(v.pipe(v.string(), v.maxLength(1_024))),
  sdpMid: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(256)))),
  sdpMLineIndex: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)))),
  usernameFragment: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(256)))),
});

/** RTCIceServer (section 4.2.2): a STUN server, or a TURN server with credentials. */
export const IceServer = v.strictObject({
  urls: v.union([v.string(), v.array(v.string())]),
  username: v.exactOptional(v.string()),
  credential: v.exactOptional(v.string()),
});
export type IceServer = v.InferOutput<typeof IceServer>;

/** The perfect-negotiation role (section 10.7): who waited longer is impolite, and makes the first offer. */
export const Role = v.picklist(["polite", "impolite"]);
export type Role = v.InferOutput<typeof Role>;
