import { openWasm } from "../../../worker/crypto/wasm.ts";
import { testBackend } from "../../support/crypto-tests.ts";

testBackend(await openWasm());
