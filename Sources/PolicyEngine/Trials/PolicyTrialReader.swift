// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads a file of trials. Strict: a key that says nothing is an error, since its author believes that it is tested.
enum PolicyTrialReader {
    static func file(_ top: MappingDecoder) -> PolicyTrialFile? {
        _ = top.required("entente-test") { value -> Int64? in
            guard let version = value.integer(in: 0 ... .max) else { return nil }
            if version != 1 {
                value.fail("this is format \(version), this version reads format 1", todo: "write `entente-test: 1`")
            }
            return version
        }
        let policy = top.required("policy") { $0.text }
        let lists = lists(top)
        var names: [String: YAMLPlace] = [:]
        let trials = top.required("tests") { value -> [PolicyTrial]? in
            if case .sequence(let nodes) = value.node.content, nodes.isEmpty {
                value.fail("\(value.name) is empty, so nothing would be tested", todo: "write a test")
            }
            return value.lenientList { trial($0, &names) }
        }
        guard let policy, let trials else { return nil }
        return PolicyTrialFile(policy: policy, lists: lists, trials: trials)
    }

    /// `lists`: what the policy's lists hold in these trials, instead of what lies in their files.
    private static func lists(_ top: MappingDecoder) -> [String: ServerList] {
        var lists: [String: ServerList] = [:]
        top.value("lists")?.entries { key, value in
            guard let name = key.policyName("list"), let names = value.lenientList(\.serverName) else { return }
            if names.isEmpty {
                value.fail("\(value.name) names no server, and no list is empty", todo: "name one")
            }
            let text = names.map { $0.text + "\n" }.joined()
            lists[name] = ServerList(
                names: Set(names), entries: names.count, sha256: SHA256.hash(Array(text.utf8)))
        }
        return lists
    }

    private static func trial(_ value: ValueDecoder, _ names: inout [String: YAMLPlace]) -> PolicyTrial? {
        value.mapping { fields in
            let name = fields.required("name") { $0.line }
            if let name, let first = names.updateValue(fields.place, forKey: name) {
                fields.fail(
                    "a test \(quoted(name)) is there already, at \(first.line):\(first.column)", todo: "name them apart"
                )
            }
            let given = fields.required("given") { given in given.mapping(TrialQuestionReader.given) }
            let expected = fields.required("expect", expectation)
            let because = fields.optional("because") { $0.line }
            guard let name, let given, let expected else { return nil }
            return PolicyTrial(name: name, place: value.place, given: given, expected: expected, because: because)
        }
    }

    private enum Decision: String, CaseIterable { case allow, refuse }

    private static func expectation(_ value: ValueDecoder) -> PolicyTrial.Expectation? {
        guard case .mapping = value.node.content else {
            return value.word(Decision.self).map { .init(isAllowed: $0 == .allow, reason: nil, rule: nil) }
        }
        return value.mapping { fields in
            let decision = fields.required("decision") { $0.word(Decision.self) }
            let reason = fields.optional("reason") { $0.word(ReasonCode.self) }
            let rule = fields.optional("rule") { $0.line }
            guard let decision else { return nil }
            if let reason, (reason == .allowed) != (decision == .allow) {
                fields.fail(
                    "nothing is \(decision == .allow ? "allowed" : "refused") with the reason \(quoted(reason.rawValue))",
                    todo: "correct `decision` or `reason`")
            }
            return PolicyTrial.Expectation(isAllowed: decision == .allow, reason: reason, rule: rule)
        }
    }
}
