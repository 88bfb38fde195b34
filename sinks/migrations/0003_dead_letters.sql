-- Messages of queues that nobody could read, with their bodies, until somebody has looked at them.
CREATE TABLE tradewind.dead_letters (
    letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text COLLATE "C" NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    reason text NOT NULL,
    deliveries integer NOT NULL,
    received_at timestamptz NOT NULL
);
-- A redelivery is the same letter. The body counts too, for some queues number their messages anew after a start.
CREATE UNIQUE INDEX dead_letters_once ON tradewind.dead_letters (queue, message_id, sha256(body));
