/** The public keys (hex) of one subscription, and what a relay knows of it. */
export class Pack {
  readonly id: string;
  /**
   * `still`: nothing to say at the moment; `full`: refused because there are too many, which is certain once the
   * others are answered.
   */
  state: "still" | "due" | "asked" | "refused" | "full" = "still";
  /** Whether the relay was sent it at all, and took it before. */
  sent = false;
  taken = false;
  /** Whether the relay listens for keys besides that are in it no more. */
  stale = false;
  /** Keys that the relay has confirmed, keys that it was asked for, and keys of which it knows nothing. */
  #heard = new Set<string>();
  #asked = new Set<string>();
  #fresh = new Set<string>();
  /** Keys that the relay has confirmed elsewhere. */
  #adopted = new Set<string>();
  /** To be asked again, once what is under way is answered. */
  #again = false;

  constructor(id: string) {
    this.id = id;
  }

  get size(): number {
    return this.#heard.size + this.#asked.size + this.#fresh.size + this.#adopted.size;
  }

  get heard(): ReadonlySet<string> {
    return this.#heard;
  }

  get hasFresh(): boolean {
    return this.#fresh.size > 0;
  }

  keys(): string[] {
    return [...this.#heard, ...this.#asked, ...this.#fresh, ...this.#adopted];
  }

  add(pubkey: string): void {
    this.#fresh.add(pubkey);
  }

  /** Takes over a key for which the relay listens under another id. */
  adopt(pubkey: string): void {
    this.#adopted.add(pubkey);
    this.ask();
  }

  delete(pubkey: string): void {
    if (this.#heard.delete(pubkey) || this.#asked.delete(pubkey)) this.stale = true;
    else if (!this.#fresh.delete(pubkey)) this.#adopted.delete(pubkey);
  }

  /** The relay may not listen for this key, whatever it has said. */
  doubt(pubkey: string): void {
    if (this.#heard.delete(pubkey)) this.#fresh.add(pubkey);
    this.ask();
  }

  /** What it is now is to be sent. What was refused is asked for again when its time comes. */
  ask(): void {
    if (this.state === "still") this.state = "due";
    else if (this.state === "asked") this.#again = true;
  }

  /** It is sent: what the relay had confirmed of it, and what is new. */
  send(): { id: string; known: string[]; fresh: string[] } {
    const [known, fresh] = [[...this.#heard, ...this.#adopted], [...this.#fresh]];
    this.#asked = new Set([...this.#fresh, ...this.#adopted]);
    this.#fresh.clear();
    this.#adopted.clear();
    Object.assign(this, { state: "asked", sent: true, stale: false });
    this.#again = false;
    return { id: this.id, known, fresh };
  }

  /** The relay took what was sent last. */
  confirm(): void {
    this.state = this.#again ? "due" : "still";
    this.taken = true;
    for (const pubkey of this.#asked) this.#heard.add(pubkey);
    this.#asked.clear();
  }

  /** The relay does not listen for any of it. */
  refuse(state: "due" | "refused" | "full"): void {
    this.state = state;
    this.#fresh = new Set(this.keys());
    this.#heard.clear();
    this.#asked.clear();
    this.#adopted.clear();
  }

  /** The relay has forgotten it. */
  lose(): void {
    this.refuse("due");
    Object.assign(this, { sent: false, taken: false, stale: false });
  }
}
