/** Puts the worker together, in the order in which things start; each part registers how it is let go of. */
import type { NostrEvent } from "../protocol/nostr.ts";
import { announce } from "./announcement.ts";
import { Audit } from "./audit.ts";
import { Bunkers } from "./bunkers.ts";
import type { Config } from "./config.ts";
import { useBackend } from "./crypto/backend.ts";
import { chooseCrypto } from "./crypto/choice.ts";
import { openMigrated } from "./database.ts";
import { watchChanges } from "./db/changes.ts";
import type { Database } from "./db/open.ts";
import { within } from "./db/session.ts";
import { Gate } from "./gate.ts";
import { Greeter } from "./greeter.ts";
import { Hearing } from "./hearing.ts";
import { generateIdentity } from "./keys.ts";
import { systemClock } from "./leases/deadline.ts";
import { Handover } from "./leases/handover.ts";
import { LastReplies } from "./leases/last-replies.ts";
import { Leases } from "./leases/leases.ts";
import { ownPlace } from "./leases/place.ts";
import { Reach } from "./leases/reach.ts";
import { shardOfNpub } from "./leases/shards.ts";
import type { Logger } from "./log.ts";
import { startMonitoring } from "./monitoring.ts";
import { POLICIES } from "./policy.ts";
import { databaseProbe } from "./probe.ts";
import { keepPruned } from "./pruning.ts";
import { Relays } from "./relays.ts";
import { Router } from "./router.ts";
import { Scanner } from "./scanner.ts";
import type { Shutdown } from "./shutdown.ts";
import { reportStatus } from "./status.ts";
import { Store } from "./store.ts";

const RELAY_TIMEOUT_MS = 5_000;
const LISTEN_TIMEOUT_MS = 5_000;
/** Requests in hand may take this long after a signal to stop. */
const DRAIN_MS = 5_000;
/** A worker that is alone may not know at once that its database is away, nor get hold of it at once afterwards. */
const LEASE_MARGIN_MS = 30_000;

export const startBunkers = async (config: Config, log: Logger, shutdown: Shutdown): Promise<void> => {
  log.info("starting");
  if (config.connectPolicy === "any") {
    log.warn(
      "CONNECT_POLICY=any: EVERY client that knows a public key can use that key while it has a live token",
    );
  }
  const now = () => Date.now();
  useBackend(await chooseCrypto(config.crypto, log));

  const database = await openMigrated(config.database, log, shutdown);
  const store = new Store(database, now);
  const openers = { masterKeys: config.masterKeys, passphrase: config.passphrase };
  const leases = new Leases({
    database,
    place: ownPlace(),
    aloneMs: config.grantCacheMs + LEASE_MARGIN_MS,
    clock: systemClock,
    log,
  });
  const { holdings } = leases;
  const audit = new Audit(database.bulk, log, now);
  shutdown.onShutdown("audit log and leases", async () => leases.leave(await audit.close()));
  const pruning = keepPruned(database.prisma, config.auditDays, log, now);
  shutdown.onShutdown("audit log's pruning", () => pruning.close());

  const gate = new Gate({
    store,
    lastReplies: new LastReplies({
      ask: (filter, timeoutMs, onFound) => relays.ask(filter, timeoutMs, onFound),
      unlogged: (pubkey) => holdings.unlogged(pubkey, now()),
    }),
    policy: POLICIES[config.connectPolicy],
    relays: config.relays,
    clientRate: config.clientRate,
    keyRate: config.keyRate,
    cacheMs: config.grantCacheMs,
    log,
    now,
  });
  shutdown.onShutdown("gate", () => gate.close());

  const identity = generateIdentity();
  shutdown.onShutdown("identity", () => identity.destroy());
  const relays = new Relays(config.relays, {
    listener: {
      onEvent: (event, relay) => hearing.take(event, relay) || router.receive(event),
      onRefusal: (id, relay) => hearing.refused(id, relay),
    },
    identity,
    mayReply: () => leases.areHeld,
    log,
  });
  shutdown.onShutdown("relays", () => relays.close());
  const bunkers = new Bunkers({
    store,
    relays,
    relayUrls: config.relays,
    openers,
    gate,
    holdings,
    log,
    now,
  });
  const router = new Router({
    bunkerOf: (pubkey) => bunkers.of(pubkey),
    mayAnswer: (pubkey) => holdings.answers(pubkey),
    publish: (event) => relays.publish(event),
    askAgain: () => relays.renewAll(),
    onHandled: (what, milliseconds) => {
      audit.record(what);
      monitoring?.observe(what, milliseconds);
    },
    log,
    now,
  });
  shutdown.onShutdown("bunkers", () => bunkers.close());
  const hearing = new Hearing({
    identity,
    relays,
    relayUrls: config.relays,
    isServed: (pubkey) => bunkers.of(pubkey) !== undefined,
    intervalMs: config.heartbeatIntervalMs,
    log,
    now,
  });
  shutdown.onShutdown("hearing", () => hearing.close());
  const greeter = new Greeter({ store, holdings, bunkers, relays, log, now });
  shutdown.onShutdown("greeter", () => greeter.close());
  const scanner = new Scanner({
    store,
    holdings,
    bunkers,
    relays,
    greeter,
    intervalMs: config.scanIntervalMs,
    log,
    now,
  });

  const monitoring =
    config.httpPort === undefined
      ? undefined
      : await startMonitoring({
          port: config.httpPort,
          relays,
          relayUrls: config.relays,
          hearing,
          bunkers,
          leases,
          router,
          audit,
          isDatabaseUp: databaseProbe(database.prisma),
          scannedAt: () => scanner.scannedAt,
          scanIntervalMs: config.scanIntervalMs,
          signerNpub: config.signer?.npub,
          log,
          now,
        });
  shutdown.onShutdown("monitoring", () => monitoring?.close());

  log.info({ relays: config.relays }, "connecting to relays");
  const connected = await relays.connect(RELAY_TIMEOUT_MS);
  if (connected > 0) log.info(`connected to ${connected} of ${config.relays.length} relays`);
  else log.warn("no relay can be reached yet, still trying");

  shutdown.onShutdown("scanner", () => {
    bunkers.halt();
    return scanner.close();
  });
  await followChanges(database, { gate, bunkers, scanner }, log, shutdown);
  const onServed = async (shards: number[]) => {
    const { signer } = config;
    if (!signer || !shards.includes(shardOfNpub(signer.npub))) return;
    const publish = (event: NostrEvent) => relays.publish(event);
    await announce(signer, config.relays, { store, openers, publish, log, now });
  };
  const reach = new Reach(() => relays.status().some(({ connected }) => connected), systemClock);
  await leases.start(
    new Handover({ holdings, audit, gate, router, bunkers, relays, reach, scanner, onServed, log, now }),
  );
  await scanner.scan();

  const status = reportStatus(config.heartbeatIntervalMs, { bunkers, relays, router }, log);
  shutdown.onShutdown("status", () => status.close());
  // Last here is first then: nothing new is taken, and what is in hand still has everything it needs.
  shutdown.onShutdown("requests", () => {
    leases.halt();
    return router.drain(DRAIN_MS);
  });
  // Under `dev` somebody waits for this moment.
  process.send?.("ready");
};

/** Resolves when changes are heard, so that the first scan misses none, or after a while without them. */
const followChanges = async (
  database: Database,
  { gate, bunkers, scanner }: { gate: Gate; bunkers: Bunkers; scanner: Scanner },
  log: Logger,
  shutdown: Shutdown,
): Promise<void> => {
  const heard = new Promise<void>((resolve) => {
    let before = false;
    const changes = watchChanges(
      database,
      {
        onChange: (npub) => {
          gate.forget(npub);
          bunkers.retry(npub);
          scanner.changed(npub);
        },
        onHealth: (listening) => {
          // Whatever changed while nothing was heard is read now; the very first scan is the caller's.
          if (listening && before) void scanner.scan();
          before = true;
          resolve();
        },
      },
      log,
    );
    shutdown.onShutdown("changes", () => changes.close());
  });
  await within(heard, LISTEN_TIMEOUT_MS, "not listening").catch(() => {});
};
