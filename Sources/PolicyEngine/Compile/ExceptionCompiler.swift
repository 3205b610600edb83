// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Looks up the ends of exceptions and checks that each changes something that may be changed.
struct ExceptionCompiler {
    let document: PolicyDocument
    let tiers: [CompiledTier]
    private let named: NamedTiers
    let file: String
    let diagnostics: Diagnostics

    init(
        document: PolicyDocument, tiers: [CompiledTier], servers: [CompiledServer], file: String,
        diagnostics: Diagnostics
    ) {
        self.document = document
        self.tiers = tiers
        named = NamedTiers(servers)
        self.file = file
        self.diagnostics = diagnostics
    }

    func compile() -> [CompiledException] {
        var seen: [String: YAMLPlace] = [:]
        var compiled: [CompiledException] = []
        for exception in document.exceptions {
            if let first = seen.updateValue(exception.id.place, forKey: exception.id.value) {
                diagnostics.error(
                    at: exception.id.place,
                    "two exceptions are called \(quoted(exception.id.value)), the first at \(first.line):\(first.column)",
                    todo: "give each an id of its own")
                continue
            }
            if let one = compile(exception) { compiled.append(one) }
        }
        return compiled.sorted { $0.id < $1.id }
    }

    private func compile(_ exception: ExceptionDefinition) -> CompiledException? {
        checkClasses(exception)
        let ours = exception.between.filter { isOurs($0.value) }
        guard ours.count == 1, let mine = ours.first,
            let other = exception.between.first(where: { $0.value != mine.value })
        else {
            let what = ours.isEmpty ? "neither end" : "each end"
            diagnostics.error(
                at: exception.between.first?.place ?? exception.id.place,
                "\(what) of the exception \(quoted(exception.id.value)) is of our state",
                todo: "name one server or state of ours, and one of others")
            return nil
        }
        check(other, exception)
        return CompiledException(
            id: exception.id.value, own: own(mine), other: other.value, directions: exception.directions,
            allow: Set(exception.allow?.elements.map(\.value) ?? []),
            refuse: Set(exception.refuse?.elements.map(\.value) ?? []),
            media: exception.media, isShadowed: exception.isShadowed,
            rooms: exception.rooms.map { Set($0.map(\.value.text)) }, until: exception.until,
            allowRule: rule("allow", exception, exception.allow),
            refuseRule: rule("refuse", exception, exception.refuse)
        )
    }

    private func rule(
        _ key: String, _ exception: ExceptionDefinition, _ list: ClassList<EndpointClass>?
    ) -> RuleReference {
        // By id, not by number: the order of exceptions means nothing.
        RuleReference(
            id: "exceptions.\(exception.id.value).\(key)", file: file, place: list?.place ?? exception.id.place)
    }

    private func isOurs(_ end: ExceptionDefinition.End) -> Bool {
        switch end {
        case .server(let name): document.own?.servers.contains { $0.value == name } ?? false
        case .state(let code): document.own?.state?.value == code
        }
    }

    private func own(_ end: Located<ExceptionDefinition.End>) -> [Int] {
        let names = document.own?.servers.map(\.value) ?? []
        if case .server(let name) = end.value { return names.indices.filter { names[$0] == name } }
        return Array(names.indices)
    }

    /// Whom lists name is not looked at: no list can make a policy wrong.
    private func check(_ other: Located<ExceptionDefinition.End>, _ exception: ExceptionDefinition) {
        if case .state(let code) = other.value, document.lists.contains(where: { $0.state == code }) { return }
        let concerned = named.tiers(of: other.value)
        guard !concerned.isEmpty else {
            let what =
                switch other.value {
                case .server(let name): "the server \(quoted(name.text)) is not listed"
                case .state(let code): "no server of \(quoted(code.text)) is listed"
                }
            diagnostics.error(
                at: other.place, "\(what), so the exception \(quoted(exception.id.value)) means nobody",
                todo: "list the server under `servers`, or correct the name")
            return
        }
        if exception.allow != nil || !exception.media.isEmpty, concerned.allSatisfy({ tiers[$0].isBlocked }) {
            diagnostics.error(
                at: other.place,
                "\(quoted(other.value.text)) is in tier `blocked`, which no exception can lift",
                todo: "give it another tier first, or remove the exception")
        }
    }

    private func checkClasses(_ exception: ExceptionDefinition) {
        if let allow = exception.allow, let refuse = exception.refuse {
            for element in allow.elements where refuse.first(element.value) != nil {
                diagnostics.error(
                    at: element.place,
                    "\(quoted(element.value.rawValue)) is both allowed and refused by \(quoted(exception.id.value))",
                    todo: "remove it from one of the two")
            }
        }
        // A request that names no room cannot be allowed or refused by its room.
        guard exception.rooms != nil else { return }
        let named = quotedList(EndpointClass.allCases.filter(\.namesRoom).map(\.rawValue), conjunction: "and")
        for element in [exception.allow, exception.refuse].compactMap({ $0?.elements }).joined()
        where !element.value.namesRoom {
            diagnostics.error(
                at: element.place,
                "requests of class \(quoted(element.value.rawValue)) do not name a room, and "
                    + "\(quoted(exception.id.value)) holds for some rooms only",
                todo: "keep to \(named), or remove `rooms:`")
        }
    }
}

/// The tiers of the servers that a policy names, looked up once for all exceptions.
private struct NamedTiers {
    private var byName: [ServerName: Set<Int>] = [:]
    private var byState: [CountryCode: Set<Int>] = [:]

    init(_ servers: [CompiledServer]) {
        for server in servers {
            if !server.isPattern { byName[server.name, default: []].insert(server.tier) }
            if !server.isOwn, let state = server.state { byState[state, default: []].insert(server.tier) }
        }
    }

    /// Empty: nobody is meant.
    func tiers(of end: ExceptionDefinition.End) -> Set<Int> {
        switch end {
        case .server(let name): byName[name] ?? []
        case .state(let code): byState[code] ?? []
        }
    }
}
