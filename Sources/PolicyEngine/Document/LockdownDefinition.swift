// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// One entry of `lockdown`: a profile that officers can put in force at once.
struct LockdownDefinition: Sendable {
    let name: String
    let place: YAMLPlace
    /// Tiers that it does not touch.
    let keep: [Located<String>]
    /// Whether it has to be told a state, whose servers alone it then touches.
    let takesState: Bool
    /// The classes that it refuses; `nil`: everything.
    let refuse: ClassList<EndpointClass>?
    /// How many officers put it in force, and how many end it.
    let tightenNeeds: Int
    let loosenNeeds: Int
    /// How long it may last.
    let longest: Duration
}

/// Reads one entry of `lockdown`.
struct LockdownReader {
    private enum Argument: String, CaseIterable { case state }

    let name: ValueDecoder
    let value: ValueDecoder

    func read() -> LockdownDefinition? {
        guard let text = name.policyName("lockdown profile") else { return nil }
        return value.mapping { fields in
            let keep = fields.optional("keep", default: []) { $0.lenientList(OwnershipReader.locatedText) }
            let argument = fields.optional("argument") { $0.word(Argument.self) }
            let refuse: ClassList<EndpointClass>? = ClassListReader.read("refuse", of: fields, noun: "class")
            let tighten = fields.optional("tighten_needs", default: 1) { $0.int(in: 1...16) }
            let loosen = fields.optional("loosen_needs", default: 2) { $0.int(in: 1...16) }
            let longest = fields.required("max") { $0.duration }
            if !fields.has("keep"), argument == nil, refuse == nil {
                fields.fail(
                    "\(value.name) would refuse everything to everybody, the own state too",
                    todo: "write `keep: [own]`, `argument: state` or `refuse:`")
            }
            guard let keep, let tighten, let loosen, let longest else { return nil }
            if loosen < tighten {
                fields.fail(
                    "\(value.name) needs fewer officers to loosen than to tighten",
                    todo: "raise `loosen_needs`, or lower `tighten_needs`")
            }
            return LockdownDefinition(
                name: text, place: name.place, keep: keep, takesState: argument == .state, refuse: refuse,
                tightenNeeds: tighten, loosenNeeds: loosen, longest: longest)
        }
    }
}
