import { schnorr } from "@noble/curves/secp256k1";
import { expect, test } from "vitest";
import { noble } from "../../../worker/crypto/noble.ts";
import { testBackend } from "../../support/crypto-tests.ts";
import { BIP_340, bytesOf, hexOf } from "../../support/crypto-vectors.ts";

testBackend(noble);

test("noble itself gets every row of BIP-340 right, those of other lengths too", () => {
  expect(BIP_340).toHaveLength(19);
  for (const { secret, pubkey, aux, message, signature, valid } of BIP_340) {
    expect(schnorr.verify(signature, message, pubkey)).toBe(valid);
    if (secret) expect(hexOf(schnorr.sign(bytesOf(message), secret, aux))).toBe(signature);
  }
});
