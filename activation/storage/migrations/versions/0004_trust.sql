-- D6: the last proof by a device's key, by which a copy of that key shows.
ALTER TABLE activation
    ADD COLUMN proof_counter bigint NOT NULL DEFAULT 0,
    ADD COLUMN proof_hash    bytea,
    ADD COLUMN forked_at     bigint,
    ADD COLUMN fork_told_at  bigint;
COMMENT ON COLUMN activation.proof_hash IS 'BLAKE2b-128 of the last proof: the same again is the same answer';
COMMENT ON COLUMN activation.forked_at IS 'when two copies of the device key first showed (D6)';
COMMENT ON COLUMN activation.fork_told_at IS 'when that was last told: once a day, not at every renewal';
-- Staff look for them; there are few.
CREATE INDEX activation_forked ON activation (shard, activation_id) WHERE forked_at IS NOT NULL;

ALTER TABLE product ADD COLUMN refuses_forks boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN product.refuses_forks IS 'D6: a renewal by a copied device key is refused, not only reported';

-- Offline activations: each request file with the certificate file that it got, for ever. The answer is sealed
-- under a key derived from the pepper, for it names the account's salt (D5).
CREATE TABLE offline_file (
    request_hash  bytea NOT NULL,
    shard         smallint NOT NULL CHECK (shard BETWEEN 0 AND 255),
    account_id    bigint NOT NULL,
    license_id    bigint NOT NULL,
    activation_id bigint NOT NULL,
    actor_id      bigint,
    made_at       bigint NOT NULL,
    issued_at     bigint NOT NULL,
    expires_at    bigint,
    kid           text NOT NULL,
    jti           text NOT NULL,
    pepper        smallint NOT NULL,
    answer        bytea NOT NULL,
    PRIMARY KEY (shard, request_hash)
);
CREATE INDEX offline_file_of_license ON offline_file (shard, license_id, issued_at);
-- For the list of revocations: the few that ended, by which their certificates are found.
CREATE INDEX license_revoked ON license (shard, license_id) WHERE state = 2;
CREATE INDEX activation_offline_ended ON activation (shard, license_id, activation_id)
    WHERE NOT online AND ended_at IS NOT NULL;
COMMENT ON COLUMN offline_file.request_hash IS 'BLAKE2b-256, keyed by the pepper, of what the sealed box holds';
COMMENT ON COLUMN offline_file.made_at IS 'when the device says that it made the request';
COMMENT ON COLUMN offline_file.actor_id IS 'the person of staff who passed it on; null: the server itself was asked';
