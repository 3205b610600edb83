// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

extension RecordShape {
    /// Every kind of record, sorted. A member that the encoder is given is added here in one line.
    package static let all: [RecordShape] =
        ([request, outcome, aggregated] + log + policies + lockdowns + administration + lists + privacy + quarantine
        + sinks + witnesses)
        .sorted { $0.kind < $1.kind }

    private static let log = [
        RecordShape(
            "log.start", .may("binary_sha256", .digest), .must("build", .text), .must("cut_bytes", .count),
            .may("policy", .policy)),
        RecordShape("log.stop", .must("reason", .text)),
        RecordShape("log.heartbeat", .must("refused", .count)),
        RecordShape("clock.step", .must("step_us", .integer)),
        RecordShape("audit.unavailable", .must("cause", .text), .must("refused_from", .count)),
        RecordShape(
            "audit.recovered", .must("attempts", .count), .must("passed_unrecorded", .count), .must("refused", .count),
            .must("since", .time)),
        RecordShape("audit.passed_unrecorded", .must("passed_unrecorded", .count), .must("since", .time)),
        RecordShape(
            "certificate.reloaded",
            .must("certificate", .object([.must("names", .list(.text, most: 32)), .must("sha256", .digest)]))),
    ]

    private static let policies = [
        RecordShape(
            "policy.activated", .must("policy", .policy), .must("policy_id", .text), .may("previous", .policy),
            .may("signed_by", .signers)),
        RecordShape(
            "policy.expired", .must("on_expiry", .text), .must("policy", .policy), .must("policy_id", .text)),
        RecordShape(
            "policy.date_reached", .must("policy", .policy), .must("policy_id", .text),
            .must("rules", .list(.text, most: 64))),
        RecordShape("policy.rejected", .must("error", .text), .must("file", .text)),
    ]

    private static let lockdowns =
        ["lockdown.on", "lockdown.off", "lockdown.expired", "lockdown.kept"].map { kind in
            RecordShape(
                kind, .must("lockdown", lockdown), .must("policy", .policy), .may("signed_by", .signers),
                .may("unsigned", .words(["accepted"])), .may("until", .time))
        } + [
            RecordShape(
                "lockdown.refused", .must("change", .text), .must("error", .text), .must("lockdown", lockdown),
                .must("policy", .policy), .may("signed_by", .signers), .may("unsigned", .words(["accepted"])),
                .may("until", .time))
        ]

    private static let lockdown = Value.object([
        .may("argument", .text), .must("name", .text), .may("number", .integer),
    ])

    private static let administration = [
        RecordShape("admin.status", .must("pid", .integer), .must("uid", .count)),
        RecordShape("admin.lockdown", .must("pid", .integer), .must("uid", .count)),
        RecordShape("admin.quarantine", .must("pid", .integer), .must("uid", .count)),
        RecordShape(
            "admin.audit_resume", .must("pid", .integer), .must("sink", .object([.must("name", .text)])),
            .must("uid", .count)),
        RecordShape("admin.refused", .must("error", .text), .must("pid", .integer), .must("uid", .count)),
    ]

    private static let lists = [
        RecordShape("list.taken", .must("list", .object(list + [.may("signer", .text)]))),
        RecordShape("list.rejected", .must("error", .text), .must("list", .object([.must("name", .text)]))),
        RecordShape("list.stale", .must("list", .object(list)), .must("now", .words(["kept", "refused"]))),
    ]

    private static let list: [Member] = [
        .must("name", .text), .must("names", .count), .must("sha256", .digest), .may("version", .integer),
    ]

    private static let privacy = [
        RecordShape("privacy.failed", .must("cause", .text)),
        RecordShape("privacy.recovered"),
        RecordShape(
            "audit.retention", .must("class", .words(AuditTerms.RecordClass.allCases.map(\.rawValue))),
            .must("destroyed", .words(PrivacyNotice.Destroyed.allCases.map(\.rawValue))), .must("period", .text)),
        RecordShape(
            "admin.opened", .must("case", .text), .must("recipient", .text), .must("records", .list(.text, most: 64)),
            .must("uid", .count)),
    ]

    private static let quarantine =
        ["qod.suspected", "qod.quarantined"].map { kind in
            RecordShape(kind, .must("crashes", .count), .must("request", .digest), .must("until", .time))
        } + [
            RecordShape(
                "quarantine.released", .must("crashes", .count), .must("request", .digest), .may("signed_by", .signers),
                .may("unsigned", .words(["accepted"])), .must("until", .time)),
            RecordShape(
                "quarantine.refused", .must("error", .text), .must("request", .digest), .may("signed_by", .signers)),
        ]

    private static let sinks = [
        RecordShape("sink.down", .must("cause", .text), .must("sink", sink)),
        RecordShape("sink.up", .must("attempts", .count), .must("sink", sink)),
        RecordShape(
            "sink.lost", .must("lost", .object([.must("first", .count), .must("last", .count)])), .must("sink", sink)),
        RecordShape(
            "sink.full", .must("first", .count), .must("now", .words(["refused", "refused_except_own"])),
            .must("sink", sink)),
        RecordShape("sink.drained", .must("sink", sink)),
    ]

    private static let sink = Value.object([.must("format", .text), .must("name", .text)])

    private static let witnesses = [
        RecordShape("witness.lost", .must("cosigner", .text), .must("reason", .text)),
        RecordShape("witness.back", .must("cosigner", .text), .must("size", .count)),
        RecordShape("witness.missing", .must("have", .count), .must("need", .count)),
        RecordShape("witness.enough", .must("have", .count), .must("need", .count)),
        RecordShape("clock.distrusted", .must("skew_s", .integer)),
        RecordShape("clock.trusted"),
        RecordShape(
            "key.rotated",
            .must("key", .object([.may("previous", .digest), .may("sha256", .digest), .must("use", .text)]))),
        RecordShape("clock.skew", .must("cosigner", .text), .must("skew_s", .integer)),
    ]
}

extension RecordShape.Value {
    static let signers = Self.list(.text, most: 32)
}
