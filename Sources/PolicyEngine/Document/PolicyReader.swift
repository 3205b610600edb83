// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads the top of a policy and hands each section to its own reader. Reports; never throws.
struct PolicyReader {
    let diagnostics: Diagnostics

    func read(_ bytes: [UInt8]) -> PolicyDocument? {
        guard let root = YAMLDocument.read(bytes, reportingTo: diagnostics) else { return nil }
        return ValueDecoder(root, path: "", diagnostics: diagnostics).mapping(document)
    }

    /// Asks for everything that a policy can hold, of a policy in which nothing is written.
    func probe() { _ = ValueDecoder(.absent, path: "", diagnostics: diagnostics).mapping(document) }

    private func document(_ top: MappingDecoder) -> PolicyDocument? {
        var document = PolicyDocument()
        _ = top.required("entente", version)
        _ = top.required("policy") { $0.mapping { header($0, &document) } }
        document.own = top.required("self") { $0.mapping(own) }
        top.value("groups")?.entries { key, value in
            if let group = group(key, value) { document.groups.append(group) }
        }
        _ = top.required("tiers") { value in
            value.entries { key, value in
                if let tier = TierReader(name: key, value: value).read() { document.tiers.append(tier) }
            }
        }
        if top.has("tiers") { document.tiersPlace = top.keyPlace("tiers") }
        top.value("assign")?.entries { key, value in
            guard let tier = value.text else { return }
            let located = Located(value: tier, place: value.place)
            switch key.text {
            case "unknown": document.unknown = located
            case "anonymous": document.anonymous = located
            default:
                document.assignments.append(Assignment(subject: key.text ?? "", place: key.place, tier: located))
            }
        }
        if let value = top.value("servers"), let servers = value.lenientList(ServerReader.read) {
            document.servers = servers
        }
        if let value = top.value("assert") { document.assertions = AssertionReader.read(value) }
        top.value("lists")?.entries { key, value in
            if let list = ListReader(name: key, value: value).read() { document.lists.append(list) }
        }
        document.requirements =
            top.value("require").flatMap { $0.lenientList(OwnershipReader.readRequirements) }?.flatMap(\.self) ?? []
        document.exceptions = top.value("exceptions").flatMap { $0.lenientList(ExceptionReader.read) } ?? []
        top.value("lockdown")?.entries { key, value in
            if let profile = LockdownReader(name: key, value: value).read() { document.lockdowns.append(profile) }
        }
        top.value("networks")?.entries { key, value in
            if let network = NetworkReader(name: key, value: value).read() { document.networks.append(network) }
        }
        document.audit = AuditTermsReader.read(top)
        return document
    }

    private func version(_ value: ValueDecoder) -> Int64? {
        guard let version = value.integer(in: 0 ... .max) else { return nil }
        if version != 1 {
            value.fail("this is format \(version), this version reads format 1", todo: "write `entente: 1`")
        }
        return version
    }

    private func header(_ header: MappingDecoder, _ document: inout PolicyDocument) -> Bool? {
        document.id = header.required("id", identifier) ?? ""
        document.serial = header.required("serial") { $0.integer(in: 1...(1 << 53) - 1) } ?? 0
        document.mode = header.optional("mode", default: .enforce) { $0.word(PolicyMode.self) } ?? .enforce
        document.terms = TermsReader.read(header)
        return true
    }

    /// The policy's name stands in every audit record: letters, digits, `.`, `_` and `-`, at most 64.
    private func identifier(_ value: ValueDecoder) -> String? {
        guard let text = value.text else { return nil }
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard isPlain, text.utf8.count <= 64 else {
            value.fail(
                "\(value.name) is not a plain name: \(quoted(text))",
                todo: "use at most 64 letters, digits, dots, dashes and underscores")
            return nil
        }
        return text
    }

    private func own(_ own: MappingDecoder) -> OwnDefinition? {
        let state = own.required("state") { value in
            value.countryCode.map { Located(value: $0, place: value.place) }
        }
        let servers = own.required("servers") { value -> [Located<ServerName>]? in
            let names = value.lenientList { element in
                element.serverName.map { Located(value: $0, place: element.place) }
            }
            if case .sequence(let nodes) = value.node.content, nodes.isEmpty {
                value.fail("\(value.name) names no server", todo: "list the homeservers behind this gateway")
            }
            return names
        }
        let requiresDestination = own.optional("require_destination", default: true) { $0.boolean }
        let replay = own.writtenWord("replay", Answer.self)
        return OwnDefinition(
            // Sorted: which of ours is the first must not depend on the order of lines.
            state: state,
            servers: (servers ?? []).sorted {
                ($0.value.text, $0.place.line, $0.place.column) < ($1.value.text, $1.place.line, $1.place.column)
            }, requiresDestination: requiresDestination ?? true, replay: replay)
    }

    private func group(_ key: ValueDecoder, _ value: ValueDecoder) -> GroupDefinition? {
        guard let name = key.policyName("group") else { return nil }
        if name == "unknown" || name == "anonymous" {
            key.fail("a group cannot be called \(quoted(name))", todo: "choose another name, `assign` uses that word")
        }
        var first: [CountryCode: YAMLPlace] = [:]
        let states = value.lenientList { element -> Located<CountryCode>? in
            guard let code = element.countryCode else { return nil }
            if let earlier = first.updateValue(element.place, forKey: code) {
                element.fail(
                    "\(quoted(code.text)) is in group \(quoted(name)) twice, first at \(earlier.line):\(earlier.column)",
                    todo: "remove one of the two")
            }
            return Located(value: code, place: element.place)
        }
        return GroupDefinition(name: name, place: key.place, states: states ?? [])
    }
}
