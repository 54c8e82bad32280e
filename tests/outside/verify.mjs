// Verifies cases with the npm package jose: reads a JSON list on standard input, writes one of verdicts.
// A case has roots (JWK set), certificate, delegation, product and now (seconds, or null: not asked).
import { readFileSync } from "node:fs";
import { compactVerify, createLocalJWKSet, decodeJwt, jwtVerify } from "jose";

const ALGORITHMS = ["EdDSA"];

async function verify({ roots, certificate, delegation, product, now }) {
  const signed = await compactVerify(delegation, createLocalJWKSet(roots), { algorithms: ALGORITHMS });
  if (signed.protectedHeader.typ !== "license-key+jwt") throw new Error("typ of the delegation");
  const { jwk, kid } = JSON.parse(new TextDecoder().decode(signed.payload));
  const keys = createLocalJWKSet({ keys: [{ ...jwk, kid }] });
  const typ = "license+jwt";
  if (now === null) {
    // jose always asks for the time: one at which the certificate is good stands for "not asked".
    now = decodeJwt(certificate).iat;
  }
  const options = { algorithms: ALGORITHMS, typ, currentDate: new Date(now * 1000) };
  if (product !== null) options.audience = product;
  return (await jwtVerify(certificate, keys, options)).payload.sub;
}

const verdicts = [];
for (const entry of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    verdicts.push({ subject: await verify(entry) });
  } catch (error) {
    verdicts.push({ refused: error.code ?? error.message });
  }
}
process.stdout.write(JSON.stringify(verdicts));
