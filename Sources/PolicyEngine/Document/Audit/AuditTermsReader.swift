// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads `audit` at the top of a policy.
enum AuditTermsReader {
    private enum OnLogFailure: String, CaseIterable {
        case refuse
        case refuseExceptOwn = "refuse_except_own"
    }

    static func read(_ top: MappingDecoder) -> WrittenAuditTerms {
        var written = WrittenAuditTerms()
        _ = top.section("audit") { fields in
            _ = fields.section("log") { log($0, &written) }
            recipients(fields, &written)
            _ = fields.section("retention") { retention($0, &written) }
            if fields.has("retention") { note("retention", fields, &written) }
            if let sinks = fields.optional("sinks", AuditSinkReader.read) {
                written.terms.sinks = sinks
                note("sinks", fields, &written)
            }
            if let word = fields.optional("on_log_failure", { $0.word(OnLogFailure.self) }) {
                written.terms.onLogFailure = word == .refuse ? .refuse : .refuseExceptOwn
                note("on_log_failure", fields, &written)
            }
            onSinkLoss(fields, &written)
            return true
        }
        return written
    }

    private static func note(_ key: String, _ fields: MappingDecoder, _ written: inout WrittenAuditTerms) {
        let id = "\(fields.path).\(key)"
        written.rules[id] = RuleReference(id: id, file: fields.diagnostics.file, place: fields.keyPlace(key))
    }

    private static func onSinkLoss(_ fields: MappingDecoder, _ written: inout WrittenAuditTerms) {
        guard let word = fields.optional("on_sink_loss", { $0.word(AuditTerms.OnLoss.self) }) else { return }
        written.terms.onSinkLoss = word
        note("on_sink_loss", fields, &written)
        if !fields.has("sinks") {
            fields.diagnostics.error(
                at: fields.keyPlace("on_sink_loss"), "`audit.on_sink_loss` without `audit.sinks` has no effect",
                todo: "add `sinks:`, or remove it")
        }
    }

    private static func log(_ fields: MappingDecoder, _ written: inout WrittenAuditTerms) -> Bool {
        if let length = fields.optional("checkpoint", checkpoint) {
            written.terms.checkpoint = length
            note("checkpoint", fields, &written)
        }
        if let witnesses = fields.optional("witnesses", { $0.mapping(witnesses) ?? nil }) {
            written.terms.witnesses = witnesses
            note("witnesses", fields, &written)
        }
        return true
    }

    private static func checkpoint(_ value: ValueDecoder) -> Duration? {
        guard let length = value.duration else { return nil }
        guard length >= .milliseconds(100), length <= .seconds(60) else {
            value.fail("\(value.name) is not between 100 milliseconds and a minute", todo: "write for example `1s`")
            return nil
        }
        return length
    }

    private static func witnesses(_ fields: MappingDecoder) -> AuditTerms.Witnesses? {
        let need = fields.required("need") { $0.int(in: 1...16) }
        let names = fields.required("of") { value in
            value.distinctList({ $0.policyName("witness") }, text: \.self)?.elements.map(\.value)
        }
        guard let need, let names else { return nil }
        guard need <= names.count else {
            fields.fail(
                "\(quoted(fields.path)) needs \(need) witnesses and names \(names.count)",
                todo: "name more of them under `of`, or need fewer")
            return nil
        }
        return AuditTerms.Witnesses(need: need, names: names.sorted())
    }

    private static func recipients(_ fields: MappingDecoder, _ written: inout WrittenAuditTerms) {
        let recipients = fields.optional("seal_to") { value -> [SealRecipient]? in
            if value.isEmptyList {
                value.fail("\(value.name) names nobody, so nobody could open a record", todo: "name an auditor's key")
            }
            return value.distinctList(recipient, text: \.text)?.elements.map(\.value)
        }
        guard let recipients else { return }
        written.terms.sealTo = recipients.sorted()
        note("seal_to", fields, &written)
    }

    private static func recipient(_ value: ValueDecoder) -> SealRecipient? {
        guard let text = value.text else { return nil }
        guard let recipient = SealRecipient(text) else {
            value.fail(
                "\(quoted(text)) is no auditor's public key, or a sign of it is wrong",
                todo: "write the 62 signs that `age-keygen` prints behind `Public key:`, beginning with `age1`")
            return nil
        }
        return recipient
    }

    private static func retention(_ fields: MappingDecoder, _ written: inout WrittenAuditTerms) -> Bool {
        for name in AuditTerms.RecordClass.allCases {
            written.terms.retention[name] = fields.optional(name.rawValue, length)
        }
        return true
    }

    private static func length(_ value: ValueDecoder) -> Duration? {
        guard let length = value.duration else { return nil }
        guard length >= .seconds(86_400), length <= .seconds(36_500 * 86_400) else {
            value.fail("\(value.name) is not between a day and 36500 days", todo: "write for example `365d`")
            return nil
        }
        return length
    }
}
