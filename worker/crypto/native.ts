/** The system's libsecp256k1, through koffi: by far the fastest. */
import { randomBytes } from "node:crypto";
import { type Crypto, CryptoError, guarded } from "./crypto.ts";

/** By their versions of the interface, from 0.2 on: what is called here is the same in all. */
const FILES: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: [6, 5, 2, 1].map((version) => `libsecp256k1.so.${version}`),
  darwin: ["libsecp256k1.dylib", "/opt/homebrew/lib/libsecp256k1.dylib", "/usr/local/lib/libsecp256k1.dylib"],
};

const CONTEXT_NONE = 1;
const EVEN = 2;

/** @throws {Error} that says what to install, where the library or the way to it is missing */
export const openNative = async (): Promise<Crypto> => {
  const koffi = await import("koffi").catch(() => {
    throw new Error(`koffi is not installed for ${process.platform}-${process.arch} (npm install koffi)`);
  });
  const {
    contextCreate,
    contextRandomize,
    keypairCreate,
    keypairPublic,
    xonlyParse,
    xonlySerialize,
    schnorrSign,
    schnorrVerify,
    pubkeyParse,
    ecdh,
  } = load(koffi);

  const context = contextCreate(CONTEXT_NONE);
  // Blinds what is computed with secrets, against who measures the machine.
  succeed(contextRandomize(context, randomBytes(32)));

  // Handed to C again and again, so that nothing has to be allocated, and secrets lie where they can be overwritten.
  const memory = (bytes: number): Buffer => Buffer.allocUnsafeSlow(bytes).fill(0);
  const [signature, pair, point] = [memory(64), memory(96), memory(64)];
  const [hash, secret, aux, x, encoded] = [memory(32), memory(32), memory(32), memory(32), memory(33)];

  /** The library ends the process when it is handed what it has refused before: nothing goes on after a 0. */
  const withPair = (bytes: Uint8Array, use: () => void): void => {
    secret.set(bytes);
    try {
      succeed(keypairCreate(context, pair, secret));
      use();
    } finally {
      secret.fill(0);
      pair.fill(0);
    }
  };

  let shared = new Uint8Array();
  /** In the place of the hash that the library would make of the shared point. */
  const takeX = koffi.register(
    (_out: bigint, x: bigint) => {
      shared = koffi.decode(x, "uint8_t", 32);
      return 1;
    },
    koffi.pointer(koffi.proto("int", ["void *", "void *", "void *", "void *"])),
  );

  return guarded({
    name: "native",
    verify: (signed, message, pubkey) => {
      x.set(pubkey);
      signature.set(signed);
      hash.set(message);
      return xonlyParse(context, point, x) === 1 && schnorrVerify(context, signature, hash, 32, point) === 1;
    },
    sign: (message, key, random) => {
      hash.set(message);
      aux.set(random);
      withPair(key, () => succeed(schnorrSign(context, signature, hash, pair, aux)));
      return Uint8Array.from(signature);
    },
    publicKey: (key) => {
      withPair(key, () => succeed(keypairPublic(context, point, null, pair)));
      succeed(xonlySerialize(context, x, point));
      return Uint8Array.from(x);
    },
    sharedX: (key, peer) => {
      encoded[0] = EVEN;
      encoded.set(peer, 1);
      succeed(pubkeyParse(context, point, encoded, 33));
      secret.set(key);
      try {
        succeed(ecdh(context, x, point, secret, takeX, null));
        return shared;
      } finally {
        secret.fill(0);
        shared = new Uint8Array();
      }
    },
  });
};

const succeed = (result: number): void => {
  if (result !== 1) throw new CryptoError("refused");
};

/** What is called of it. @throws {Error} where the library was built without one of them */
const bind = (library: ReturnType<typeof import("koffi")["load"]>) => ({
  contextCreate: library.func("void *secp256k1_context_create(unsigned int flags)"),
  contextRandomize: library.func("int secp256k1_context_randomize(void *context, void *seed)"),
  keypairCreate: library.func("int secp256k1_keypair_create(void *context, void *pair, void *secret)"),
  keypairPublic: library.func(
    "int secp256k1_keypair_xonly_pub(void *context, void *point, void *parity, void *pair)",
  ),
  xonlyParse: library.func("int secp256k1_xonly_pubkey_parse(void *context, void *point, void *x)"),
  xonlySerialize: library.func("int secp256k1_xonly_pubkey_serialize(void *context, void *x, void *point)"),
  schnorrSign: library.func(
    "int secp256k1_schnorrsig_sign32(void *context, void *signature, void *hash, void *pair, void *aux)",
  ),
  schnorrVerify: library.func(
    "int secp256k1_schnorrsig_verify(void *context, void *signature, void *hash, size_t size, void *point)",
  ),
  pubkeyParse: library.func(
    "int secp256k1_ec_pubkey_parse(void *context, void *point, void *encoded, size_t size)",
  ),
  ecdh: library.func(
    "int secp256k1_ecdh(void *context, void *out, void *point, void *secret, void *hash, void *data)",
  ),
});

const load = (koffi: typeof import("koffi")) => {
  for (const file of FILES[process.platform] ?? []) {
    try {
      return bind(koffi.load(file));
    } catch {
      // Another version may be there, or one that was built with more.
    }
  }
  throw new Error(
    "libsecp256k1 is not installed, or not with Schnorr signatures and ECDH (Debian and Ubuntu: apt-get install libsecp256k1-1, or -2; macOS: brew install secp256k1)",
  );
};
