// SPDX-License-Identifier: Apache-2.0

/// The tables. Texts are numbers of the table `text`; 0 stands for what a record does not say.
enum IndexSchema {
    /// Says that a SQLite file is an index of ours: `EnIx`.
    static let application: Int64 = 0x456E_4978
    /// Goes up when the tables change; an index of another version is made anew.
    static let version: Int64 = 3

    static let tables = """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE text (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE record (
            seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind INTEGER NOT NULL, direction INTEGER NOT NULL,
            decision INTEGER NOT NULL, reason INTEGER NOT NULL, rule INTEGER NOT NULL,
            origin INTEGER NOT NULL, proved INTEGER NOT NULL, origin_state INTEGER NOT NULL, origin_tier INTEGER NOT NULL,
            destination INTEGER NOT NULL, destination_state INTEGER NOT NULL, destination_tier INTEGER NOT NULL,
            class INTEGER NOT NULL, method INTEGER NOT NULL, path INTEGER NOT NULL, network INTEGER NOT NULL,
            room BLOB, events_in INTEGER NOT NULL, events_passed INTEGER NOT NULL, events_refused INTEGER NOT NULL,
            decided_by INTEGER NOT NULL, omitted INTEGER NOT NULL, requests INTEGER NOT NULL) STRICT;
        CREATE INDEX record_time ON record (time);
        CREATE INDEX record_states ON record (origin_state, destination_state, time);
        CREATE INDEX record_origin_state ON record (origin_state, time);
        CREATE INDEX record_destination_state ON record (destination_state, time);
        CREATE INDEX record_origin ON record (origin, time);
        CREATE INDEX record_destination ON record (destination, time);
        CREATE INDEX record_rule ON record (rule, time);
        CREATE INDEX record_reason ON record (reason, time);
        CREATE INDEX record_aggregated ON record (time) WHERE requests > 1;
        CREATE TABLE named (
            ref BLOB NOT NULL, what INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (ref, what, seq))
            STRICT, WITHOUT ROWID;
        CREATE INDEX named_seq ON named (seq, what);
        CREATE TABLE author (seq INTEGER NOT NULL, server INTEGER NOT NULL, count INTEGER NOT NULL) STRICT;
        CREATE INDEX author_seq ON author (seq);
        CREATE INDEX author_server ON author (server, seq);
        CREATE TABLE edu (seq INTEGER NOT NULL, type INTEGER NOT NULL, count INTEGER NOT NULL) STRICT;
        CREATE INDEX edu_seq ON edu (seq);
        CREATE TABLE refusal (
            seq INTEGER NOT NULL, event BLOB, type INTEGER NOT NULL, author INTEGER NOT NULL, reason INTEGER NOT NULL,
            rule INTEGER NOT NULL) STRICT;
        CREATE INDEX refusal_seq ON refusal (seq);
        CREATE INDEX refusal_reason ON refusal (reason, seq);
        CREATE INDEX refusal_rule ON refusal (rule, seq);
        CREATE TABLE answer (
            seq INTEGER PRIMARY KEY, events INTEGER NOT NULL, ids INTEGER NOT NULL, file_bytes INTEGER NOT NULL,
            file_type INTEGER NOT NULL) STRICT;
        CREATE TABLE traffic (
            month INTEGER NOT NULL, direction INTEGER NOT NULL, origin_state INTEGER NOT NULL,
            destination_state INTEGER NOT NULL, class INTEGER NOT NULL, decision INTEGER NOT NULL, reason INTEGER NOT NULL,
            requests INTEGER NOT NULL, events_passed INTEGER NOT NULL, events_refused INTEGER NOT NULL,
            PRIMARY KEY (month, direction, origin_state, destination_state, class, decision, reason))
            STRICT, WITHOUT ROWID;
        """
}
