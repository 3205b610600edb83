// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Everything that is wrong with a policy, in the order of the file.
package struct PolicyErrors: Error, Sendable {
    package let diagnostics: [Diagnostic]
    /// Further errors that were found and are not listed.
    package let suppressed: Int
}

extension Policy {
    /// Reads and compiles a policy. All errors are found at once; what is accepted may still have `warnings`.
    ///
    /// The bytes that are hashed are the bytes that are parsed: read the file once. AC-97.
    ///
    /// - Parameters:
    ///   - bytes: the whole file, at most 1 MiB.
    ///   - fileName: for messages and rules.
    ///   - lists: what came of reading each list that `listSources` names, by its name.
    ///   - meanwhile: what happens instead, for messages; for example `the previous policy stays in force`.
    package static func compile(
        _ bytes: [UInt8], fileName: String, lists: [String: ListReading] = [:],
        meanwhile: String = "the policy is not taken into use"
    ) throws(PolicyErrors) -> Policy {
        let diagnostics = Diagnostics(file: fileName, meanwhile: meanwhile)
        let compiled = PolicyCompiler(file: fileName, diagnostics: diagnostics, lists: lists).compile(bytes)
        guard diagnostics.isClean, let compiled else {
            throw PolicyErrors(
                diagnostics: diagnostics.errors, suppressed: diagnostics.suppressed)
        }
        return Policy(compiled: compiled)
    }

    /// The lists that a policy names, to be read before it is compiled; none where it cannot be read, which `compile`
    /// reports.
    package static func listSources(_ bytes: [UInt8]) -> [ListSource] {
        let document = PolicyReader(diagnostics: Diagnostics(file: "", meanwhile: "")).read(bytes)
        return (document?.lists ?? []).map(\.source).sorted { $0.name < $1.name }
    }
}

/// From bytes to tables.
struct PolicyCompiler {
    let file: String
    let diagnostics: Diagnostics
    let lists: [String: ListReading]

    func compile(_ bytes: [UInt8]) -> CompiledPolicy? {
        guard let document = PolicyReader(diagnostics: diagnostics).read(bytes) else { return nil }
        let networking = NetworkCompiler(document: document, file: file, diagnostics: diagnostics)
        let networks = networking.compile()
        let tiers = networking.place(
            TierCompiler(document.tiers, file: file, diagnostics: diagnostics)
                .compile(missingOwnAt: document.tiersPlace), on: networks)
        let states = StateTiers(document, tiers: tiers, diagnostics: diagnostics)
        let unknown = unknownTier(document, tiers)
        let anonymous = anonymousTier(document, tiers)
        let written = ServerCompiler(
            document: document, tiers: tiers, states: states, file: file, diagnostics: diagnostics
        )
        .compile(unknown: unknown)
        let listing = ListCompiler(document: document, tiers: tiers, states: states, diagnostics: diagnostics)
            .compile(lists, beside: written)
        let servers = listing.servers
        let requirements = RequirementCompiler(
            document: document, tiers: tiers, file: file, diagnostics: diagnostics
        ).compile()
        let exceptions = ExceptionCompiler(
            document: document, tiers: tiers, servers: written, file: file, diagnostics: diagnostics
        ).compile()
        let lockdowns = document.lockdowns.sorted { $0.name < $1.name }.map {
            LockdownProfile($0, TierLookup(tiers, diagnostics), file: file)
        }
        PolicyLint(
            document: document, tiers: tiers, states: states, servers: servers, unknown: unknown, anonymous: anonymous
        ).warn(diagnostics)
        ExceptionLint(definitions: document.exceptions, exceptions: exceptions, tiers: tiers, servers: servers)
            .warn(diagnostics)
        ReachLint(document: document, tiers: tiers, servers: servers, exceptions: exceptions).warn(diagnostics)
        guard diagnostics.isClean, let own = document.own, let state = own.state else { return nil }
        let rendering = CanonicalPolicy(
            document: document, tiers: tiers, networks: networks, states: states, servers: servers, unknown: unknown,
            anonymous: anonymous, requirements: requirements, exceptions: exceptions, lockdowns: lockdowns)
        let canonical = rendering.bytes
        var parts = CompiledPolicy.Parts(
            document: document, file: file, sha256: SHA256.hash(bytes), contentHash: SHA256.hash(canonical),
            ownState: state.value.text, ownServers: own.servers.map(\.value), states: states, canonical: canonical,
            warnings: diagnostics.warnings, tiers: tiers, networks: networks, servers: servers, lists: listing.lists,
            requirements: requirements, exceptions: exceptions, lockdowns: lockdowns, unknownTier: unknown,
            anonymousTier: anonymous,
            unknownRule: document.unknown.map { RuleReference(id: "assign.unknown", file: file, place: $0.place) })
        let compiled = CompiledPolicy(parts, under: Circumstances())
        guard !document.assertions.isEmpty else { return compiled }
        AssertionProof(Policy(compiled: compiled), document: document, diagnostics: diagnostics).prove()
        guard diagnostics.warnings.count > parts.warnings.count else { return compiled }
        parts.warnings = diagnostics.warnings
        return CompiledPolicy(parts, under: Circumstances())
    }

    /// The tier of requests that name no server: `assign.anonymous`, else none, which leaves the protocol's minimum.
    private func anonymousTier(_ document: PolicyDocument, _ tiers: [CompiledTier]) -> Int? {
        guard let anonymous = document.anonymous else { return nil }
        guard let tier = tiers.first(where: { $0.name == anonymous.value }) else {
            diagnostics.unknownTier(anonymous, known: tiers.map(\.name))
            return nil
        }
        return tier.index
    }

    /// The tier of servers that are not listed: `assign.unknown`, else `blocked`.
    private func unknownTier(_ document: PolicyDocument, _ tiers: [CompiledTier]) -> Int {
        let blocked = tiers.first { $0.isBlocked }?.index ?? 0
        guard let unknown = document.unknown else { return blocked }
        guard let tier = tiers.first(where: { $0.name == unknown.value }) else {
            diagnostics.unknownTier(unknown, known: tiers.map(\.name))
            return blocked
        }
        if tier.name == "own" {
            diagnostics.warning(
                at: unknown.place, "`assign.unknown` puts every server of the world into tier `own`",
                meanwhile: "they may what the own state's servers may", todo: "write `unknown: blocked`")
        }
        return tier.index
    }
}
